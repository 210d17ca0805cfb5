"""Routers of this service: strict about what comes, honest about problems and sunsets."""

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
from app.core.http.schemas import LONGEST_PAGE
from app.core.problems import (
    InvalidInput,
    KeyInvalid,
    KeyMissing,
    Problem,
    ProviderUnreachable,
    RoleMissing,
    ScopeMissing,
    TokenInvalid,
    WorkspaceUnknown,
)
from app.kit.ids import pattern

Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="Rows on a page.")]
Cursor = Annotated[
    str | None,
    Query(
        max_length=1000,
        description="`next_cursor` of the page before.",
        json_schema_extra={"pattern": "^[0-9A-Za-z_-]+$"},
    ),
]


def _spelled_out(value: object) -> object:
    # Without this "yes", "on" and 1 would be guessed to be true.
    told = {"true": True, "false": False}
    if isinstance(value, str) and value not in told:
        message = "write `true` or `false`"
        raise ValueError(message)
    return told[value] if isinstance(value, str) else value


StrictBool = Annotated[bool, BeforeValidator(_spelled_out)]
"""A choice in the query string, spelt as JSON does."""

NOT_IDEMPOTENT: dict[str, Any] = {"x-takes-no-idempotency-key": True}
"""Put into a route's `openapi_extra`: its answers are not kept to be repeated."""

_WHO_YOU_ARE = (
    *(KeyMissing, KeyInvalid, TokenInvalid),
    *(ScopeMissing, RoleMissing, WorkspaceUnknown),
    ProviderUnreachable,
)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """A route that refuses query parameters it does not know, and says so when it is to go."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the headers of a deprecated operation where it is one."""
        leave = Deprecation.from_extra(self.openapi_extra)
        await super().handle(scope, receive, _telling(leave, scope, send) if leave else send)

    def get_route_handler(self) -> Handler:
        """Return the handler behind a check of the query string and of whether there is a body."""
        handler = super().get_route_handler()
        known = frozenset(_query_names(self.dependant))
        takes_json = self.body_field is not None
        takes_none = not takes_json and "requestBody" not in (self.openapi_extra or {})

        async def strict(request: Request) -> Response:
            if request.scope["query_string"]:
                reject_unknown_parameters(request, known)
            if takes_json:
                require_json_content_type(request)
                return await handler(JsonRequest(request.scope, request.receive))
            if takes_none:
                await reject_body(request)
            return await handler(request)

        return strict


def is_exempt_from_idempotency(route: object) -> bool:
    """Tell whether this is a route whose answers are not kept to be repeated."""
    told = getattr(route, "openapi_extra", None) or {}
    return NOT_IDEMPOTENT.items() <= told.items()


def make_router(*, prefix: str = "/v1", tag: str) -> APIRouter:
    """Return a router for one room, whose operations stand under one tag."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=StrictRoute)


def path_id(what: str, sample: str) -> Any:  # noqa: ANN401 - what FastAPI takes for a path parameter
    """Describe an id in a path; the sample is one that the sample search really has.

    A malformed id is not refused as input: there is nothing under it, which is a plain 404.
    """
    prefix = sample.partition("_")[0]
    return Path(
        description=f"The id of {what}.",
        openapi_examples=path_example(what, sample),
        json_schema_extra={"pattern": pattern(prefix), "maxLength": len(sample)},
    )


def path_example(what: str, sample: str) -> dict[str, Any]:
    """Return the examples of a path parameter: one id of the sample data."""
    return {"sample": {"summary": f"from the sample data: {what}", "value": sample}}


def problems(*kinds: type[Problem], keyed: bool = True) -> dict[int | str, dict[str, Any]]:
    """Declare, for the contract, the problems an operation can answer besides bad input."""
    everywhere: tuple[type[Problem], ...] = (InvalidInput,)
    if keyed:
        everywhere = (*_WHO_YOU_ARE, InvalidInput)
    by_status: dict[int | str, list[type[Problem]]] = {}
    for kind in (*kinds, *everywhere):
        by_status.setdefault(int(kind.status), []).append(kind)
    return {
        status: {
            "description": " · ".join(f"`{kind.code()}` {kind.title}" for kind in kinds_here),
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
        for status, kinds_here in sorted(by_status.items(), key=lambda pair: int(pair[0]))
    }


def _telling(leave: Deprecation, scope: Scope, send: Send) -> Send:
    headers = leave.headers(scope.get("root_path", ""), scope["path_params"])

    async def telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return telling


def _query_names(dependant: Dependant) -> list[str]:
    own = [parameter.alias for parameter in dependant.query_params]
    return own + [name for inner in dependant.dependencies for name in _query_names(inner)]
