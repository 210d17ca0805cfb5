"""The OpenAPI document of the service, generated once per process."""

from app.api.application import describe

DOCUMENT = describe()
