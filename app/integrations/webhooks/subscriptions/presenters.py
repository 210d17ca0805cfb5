"""From endpoint rows to responses."""

from typing import NamedTuple

from app.core.http.representations import JsonView, Resource
from app.core.unit_of_work.session import row_etag
from app.integrations.webhooks.subscriptions.previous_secrets import latest_expiry
from app.integrations.webhooks.subscriptions.repository import EndpointRecord
from app.integrations.webhooks.subscriptions.schemas import Endpoint, EndpointWithSecret


class NewEndpoint(NamedTuple):
    """An endpoint with the plaintext of its new secret."""

    endpoint: EndpointRecord
    secret: str


ENDPOINT = JsonView(
    Endpoint,
    EndpointRecord,
    previous_secret_expires_at=lambda row: latest_expiry(row.previous_secrets),
)

ENDPOINT_WITH_SECRET = JsonView(
    EndpointWithSecret,
    NewEndpoint,
    within="endpoint",
    previous_secret_expires_at=lambda row: latest_expiry(row.endpoint.previous_secrets),
    secret="secret",  # noqa: S106 - the name of the field
)


def endpoint(row: EndpointRecord) -> Resource[EndpointRecord]:
    """Return an endpoint as it is shown."""
    return Resource(row, ENDPOINT, row_etag(row))


def endpoint_with_secret(row: EndpointRecord, secret: str) -> Resource[NewEndpoint]:
    """Return an endpoint with its new secret, which is shown once."""
    return Resource(NewEndpoint(row, secret), ENDPOINT_WITH_SECRET, row_etag(row))
