"""OpenAPI document: adds to FastAPI's output what the routes do not declare.

These are the problem schemas, webhooks, response headers, links, limits and common parameters.
"""

from typing import Any

from fastapi import FastAPI

from app.api.exception_handlers import ProblemDetails, ProblemFieldError
from app.api.middleware.rate_limit import RATE_LIMIT_EXEMPT_PATHS
from app.api.openapi.example_order import order_example_fields
from app.api.openapi.headers import RESPONSE_HEADERS
from app.api.openapi.limits import add_limits
from app.api.openapi.links import (
    METHODS,
    add_links,
)
from app.api.openapi.metadata import EXTENSIBLE
from app.api.openapi.operations import (
    complete_operation,
)
from app.api.openapi.shared_components import share_components
from app.api.openapi.webhooks import (
    MESSAGES,
    schemas_of,
    webhook_operation,
)
from app.integrations.events.catalogue import (
    EVENT_CLASSES,
)
from app.integrations.portability.router import LINES


def install_openapi(app: FastAPI) -> None:
    """Make the app serve the completed document."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(generate())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents it


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = ProblemDetails.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    schemas["Problem"].pop("$defs", None)
    schemas["ProblemFieldError"] = ProblemFieldError.model_json_schema()
    # A problem may have extension members (RFC 9457, section 3.2).
    schemas["Problem"]["additionalProperties"] = True
    for name, schema in (schemas_of(LINES) | schemas_of(list(MESSAGES.values()))).items():
        schemas.setdefault(name, schema)
    document["webhooks"] = {str(name): {"post": webhook_operation(name)} for name in EVENT_CLASSES}
    for name in schemas.keys() & EXTENSIBLE:
        schemas[name]["x-extensible"] = True
    document["components"]["headers"] = dict(RESPONSE_HEADERS)
    for template, path in document["paths"].items():
        for method, operation in path.items():
            if method in METHODS:
                complete_operation(
                    method, operation, is_rate_limit_exempt=template in RATE_LIMIT_EXEMPT_PATHS
                )
    add_links(document["paths"])
    order_example_fields(schemas)
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    add_limits(document)
    _remove_titles(document)
    share_components(document)
    return document


def _remove_titles(document: dict[str, Any]) -> None:
    """Remove the titles that Pydantic makes of the names of schemas, fields and parameters."""
    for schema in document["components"]["schemas"].values():
        schema.pop("title", None)
        for field in schema.get("properties", {}).values():
            field.pop("title", None)
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                parameter["schema"].pop("title", None)
