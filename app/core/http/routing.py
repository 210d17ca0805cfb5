"""Routing: routers and routes that reject unknown input and announce deprecations.

Also what routers share: pagination parameters, path parameters and the responses for problems.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BeforeValidator
from starlette.types import Message, Receive, Scope, Send

from app.core.http.deprecation import Deprecation
from app.core.http.request_validation import (
    JsonRequest,
    reject_body,
    reject_unknown_parameters,
    require_json_content_type,
)
from app.core.http.schemas import MAX_PAGE_SIZE
from app.core.problems import (
    InsufficientScope,
    InvalidInput,
    InvalidToken,
    KeyInvalid,
    KeyMissing,
    Problem,
    ProviderUnreachable,
    RoleMissing,
    WorkspaceUnknown,
)
from app.kit.ids import pattern

Limit = Annotated[
    int, Query(ge=1, le=MAX_PAGE_SIZE, description="The maximum number of items on a page.")
]
Cursor = Annotated[
    str | None,
    Query(
        max_length=1000,
        description="The `next_cursor` of the previous page.",
        json_schema_extra={"pattern": "^[0-9A-Za-z_-]+$"},
    ),
]


def _parse_bool(value: object) -> object:
    # Without this, pydantic also reads "yes", "on" and 1 as true.
    values = {"true": True, "false": False}
    if isinstance(value, str) and value not in values:
        message = "must be `true` or `false`"
        raise ValueError(message)
    return values[value] if isinstance(value, str) else value


StrictBool = Annotated[bool, BeforeValidator(_parse_bool)]
"""A boolean query parameter, spelt `true` or `false` as in JSON."""

NOT_IDEMPOTENT: dict[str, Any] = {"x-takes-no-idempotency-key": True}
"""The `openapi_extra` of a route whose responses are not stored for idempotency."""

_AUTHENTICATION_PROBLEMS = (
    *(KeyMissing, KeyInvalid, InvalidToken),
    *(InsufficientScope, RoleMissing, WorkspaceUnknown),
    ProviderUnreachable,
)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """A route that rejects unknown query parameters and sends the headers of its deprecation."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle the request; a deprecated operation adds its headers to the response."""
        deprecation = Deprecation.from_extra(self.openapi_extra)
        if deprecation is not None:
            send = _send_with_headers(deprecation, scope, send)
        await super().handle(scope, receive, send)

    def get_route_handler(self) -> Handler:
        """Return FastAPI's handler behind checks of the query string, content type and body."""
        handler = super().get_route_handler()
        known = frozenset(_query_names(self.dependant))
        has_json_body = self.body_field is not None
        has_no_body = not has_json_body and "requestBody" not in (self.openapi_extra or {})

        async def strict_handler(request: Request) -> Response:
            if request.scope["query_string"]:
                reject_unknown_parameters(request, known)
            if has_json_body:
                require_json_content_type(request)
                return await handler(JsonRequest(request.scope, request.receive))
            if has_no_body:
                await reject_body(request)
            return await handler(request)

        return strict_handler


def is_exempt_from_idempotency(route: object) -> bool:
    """Whether the responses of this route are not stored for idempotency."""
    extra = getattr(route, "openapi_extra", None) or {}
    return NOT_IDEMPOTENT.items() <= extra.items()


def make_router(*, prefix: str = "/v1", tag: str) -> APIRouter:
    """Return a router whose operations have this OpenAPI tag."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=StrictRoute)


def path_id(resource: str, sample: str) -> Any:  # noqa: ANN401 - FastAPI types path parameters `Any`
    """Return the path parameter for the id of a resource; `sample` is an id of the sample data.

    A malformed id is no validation error: no resource has it, so the response is a 404.
    """
    prefix = sample.partition("_")[0]
    return Path(
        description=f"The id of {resource}.",
        openapi_examples=path_example(resource, sample),
        json_schema_extra={"pattern": pattern(prefix), "maxLength": len(sample)},
    )


def path_example(resource: str, sample: str) -> dict[str, Any]:
    """Return the examples of a path parameter: one id of the sample data."""
    return {"sample": {"summary": f"Sample data: {resource}", "value": sample}}


def problems(*kinds: type[Problem], keyed: bool = True) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of an operation for these problems and for invalid input.

    With `keyed`, the operation requires an API key: problems of authentication are added.
    """
    common: tuple[type[Problem], ...] = (InvalidInput,)
    if keyed:
        common = (*_AUTHENTICATION_PROBLEMS, InvalidInput)
    by_status: dict[int | str, list[type[Problem]]] = {}
    for kind in (*kinds, *common):
        by_status.setdefault(int(kind.status), []).append(kind)
    return {
        status: {
            "description": " · ".join(f"`{kind.code()}` {kind.title}" for kind in same_status),
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
        for status, same_status in sorted(by_status.items(), key=lambda pair: int(pair[0]))
    }


def _send_with_headers(deprecation: Deprecation, scope: Scope, send: Send) -> Send:
    headers = deprecation.headers(scope.get("root_path", ""), scope["path_params"])

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return send_with_headers


def _query_names(dependant: Dependant) -> list[str]:
    names = [parameter.alias for parameter in dependant.query_params]
    return names + [name for inner in dependant.dependencies for name in _query_names(inner)]
