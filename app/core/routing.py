"""Routers of this service: strict about the query string, honest about problems and sunsets."""

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BeforeValidator
from starlette.types import Message, Receive, Scope, Send

from app.core.deprecation import Leave
from app.core.problems import (
    Fault,
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
from app.core.schemas import LONGEST_PAGE
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


TrueOrFalse = Annotated[bool, BeforeValidator(_spelled_out)]
"""A choice in the query string, spelt as JSON does."""

TAKES_NO_KEY: dict[str, Any] = {"x-takes-no-idempotency-key": True}
"""Put into a route's `openapi_extra`: its answers are not kept to be repeated."""

_WHO_YOU_ARE = (
    *(KeyMissing, KeyInvalid, TokenInvalid),
    *(ScopeMissing, RoleMissing, WorkspaceUnknown),
    ProviderUnreachable,
)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class _Unicode(Request):
    """A request whose body is JSON in UTF-8, as RFC 8259 has it; any other is not guessed at."""

    async def json(self) -> Any:  # noqa: ANN401 - whatever was sent
        """Return the body; raise ValueError where it is not that."""
        return json.loads((await self.body()).decode("utf-8-sig"))


class StrictRoute(APIRoute):
    """A route that refuses query parameters it does not know, and says so when it is to go."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the headers of a deprecated operation where it is one."""
        leave = Leave.told_by(self.openapi_extra)
        await super().handle(scope, receive, _telling(leave, scope, send) if leave else send)

    def get_route_handler(self) -> Handler:
        """Return the handler behind a check of the query string."""
        handler = super().get_route_handler()
        known = frozenset(_query_names(self.dependant))
        has_body = self.body_field is not None

        async def strict(request: Request) -> Response:
            if request.scope["query_string"]:
                _refuse_unknown(request, known)
            if has_body:
                _refuse_other_types(request)
                return await handler(_Unicode(request.scope, request.receive))
            return await handler(request)

        return strict


def media_type_of(request: Request) -> str:
    """Return what the body is said to be, in lower case and without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def takes_no_key(route: object) -> bool:
    """Tell whether this is a route whose answers are not kept to be repeated."""
    told = getattr(route, "openapi_extra", None) or {}
    return TAKES_NO_KEY.items() <= told.items()


def router(*, prefix: str = "/v1", tag: str) -> APIRouter:
    """Return a router for one room, whose operations stand under one tag."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=StrictRoute)


def path_id(what: str, sample: str) -> Any:  # noqa: ANN401 - what FastAPI takes for a path parameter
    """Describe an id in a path; the sample is one that the sample search really has.

    A malformed id is not refused as input: there is nothing under it, which is a plain 404.
    """
    prefix = sample.partition("_")[0]
    return Path(
        description=f"The id of {what}.",
        openapi_examples={"sample": {"summary": f"from the sample: {what}", "value": sample}},
        json_schema_extra={"pattern": pattern(prefix), "maxLength": len(sample)},
    )


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


def _telling(leave: Leave, scope: Scope, send: Send) -> Send:
    headers = leave.headers(scope.get("root_path", ""), scope["path_params"])

    async def telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return telling


def _refuse_other_types(request: Request) -> None:
    told = media_type_of(request)
    is_json = told == "application/json" or (
        told.startswith("application/") and told.endswith("+json")
    )
    has_none = request.headers.get("content-length", "0") == "0"
    if is_json or (has_none and "transfer-encoding" not in request.headers):
        return
    detail = "say `Content-Type: application/json`; the body was sent as something else"
    raise InvalidInput(faults=[Fault("#", "not_json", detail)])


def _query_names(dependant: Dependant) -> list[str]:
    own = [parameter.alias for parameter in dependant.query_params]
    return own + [name for inner in dependant.dependencies for name in _query_names(inner)]


def _refuse_unknown(request: Request, known: frozenset[str]) -> None:
    faults = [
        Fault(f"query/{name}", "unknown_parameter", _advice(known))
        for name in request.query_params
        if name not in known
    ]
    if faults:
        raise InvalidInput(faults=faults)


def _advice(known: frozenset[str]) -> str:
    if not known:
        return "this path takes no query parameters; leave it out"
    return "not a parameter of this path; it takes " + ", ".join(sorted(known))
