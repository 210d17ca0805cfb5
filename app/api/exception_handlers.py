"""Exception handlers: every error response is `application/problem+json` (RFC 9457)."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from app.api.request_id import request_id_of
from app.core.http.responses import NO_STORE
from app.core.http.schemas import Schema
from app.core.http.validation_errors import field_errors
from app.core.problems import (
    BodyTooLarge,
    InternalError,
    InvalidInput,
    InvalidTransition,
    MalformedBody,
    MethodNotAllowed,
    NotFound,
    Problem,
    RouteNotFound,
    registry,
)
from app.kit.ids import MalformedIdError
from app.kit.lifecycle import InvalidTransitionError

MEDIA_TYPE = "application/problem+json"

# Limits on what a response repeats of the request.
_MAX_POINTER_LENGTH = 1_000
_MAX_PATH_LENGTH = 500
_MAX_ERRORS = 100

_BY_STATUS: dict[int, type[Problem]] = {
    int(kind.status): kind
    for kind in (MalformedBody, RouteNotFound, MethodNotAllowed, BodyTooLarge)
}


class ProblemFieldError(Schema):
    """One invalid field or parameter of the request."""

    pointer: Annotated[
        str,
        Field(
            description="A JSON Pointer into the body (`#/company/name`), or the location and name "
            "of a parameter (`query/limit`).",
            max_length=_MAX_POINTER_LENGTH,
            pattern="^(#|(path|query|header|cookie)/)",
        ),
    ]
    code: Annotated[str, Field(description="Stable code of the kind of error.")]
    detail: Annotated[str, Field(description="What is wrong and how to correct it.")]


class ProblemDetails(Schema):
    """The body of every response with status 400 or above (RFC 9457)."""

    type: Annotated[
        str, Field(description="URI reference that identifies and explains the problem type.")
    ]
    title: str
    status: int
    detail: Annotated[str, Field(description="What happened and what to do.")]
    instance: Annotated[
        str,
        Field(
            description="The path of the request.", json_schema_extra={"format": "uri-reference"}
        ),
    ]
    code: Annotated[str, Field(description="Stable code of the problem type; see `/problems`.")]
    request_id: Annotated[
        str, Field(description="The id of the request. Include it when you report the problem.")
    ]
    errors: Annotated[list[ProblemFieldError], Field(max_length=_MAX_ERRORS)]


class ProblemKind(Schema):
    """One problem type of the registry."""

    type: str
    code: str
    title: str
    status: int
    detail: str


def problem_kind(kind: type[Problem]) -> ProblemKind:
    """Return the registry entry of a problem class."""
    return ProblemKind(
        type=f"/problems/{kind.code()}",
        code=kind.code(),
        title=kind.title,
        status=int(kind.status),
        detail=kind.default_detail(),
    )


def problem_kinds() -> list[ProblemKind]:
    """Return the registry entries of all problems, in order of their codes."""
    return [problem_kind(kind) for kind in registry().values() if kind.title]


def register_exception_handlers(app: FastAPI) -> None:
    """Register the handlers that render every exception of the app as a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid_input)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(InvalidTransitionError, _on_invalid_transition)
    app.add_exception_handler(MalformedIdError, _on_malformed_id)


def problem_response(request: Request, problem: Problem) -> Response:
    """Return the response that represents this problem."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code()}",
        "title": problem.title,
        "status": int(problem.status),
        "detail": problem.detail,
        "instance": quote(request.scope["path"][:_MAX_PATH_LENGTH]),
        "code": problem.code(),
        "request_id": request_id_of(request.scope),
        "errors": [
            {
                "pointer": error.pointer[:_MAX_POINTER_LENGTH],
                "code": error.code,
                "detail": error.detail,
            }
            for error in problem.faults[:_MAX_ERRORS]
        ],
    }
    return Response(
        to_json(body | problem.extensions),
        status_code=int(problem.status),
        headers={**NO_STORE, **problem.headers},
        media_type=MEDIA_TYPE,
    )


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - what the handler was registered for
    return problem_response(request, error)


async def _on_invalid_input(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what the handler was registered for
    errors = error.errors()
    if any(entry["type"] == "json_invalid" for entry in errors):
        return problem_response(request, MalformedBody(faults=field_errors(errors)))
    return problem_response(request, InvalidInput(faults=field_errors(errors)))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what the handler was registered for
    if isinstance(error.__cause__, Problem):  # raised while the framework was reading the body
        return problem_response(request, error.__cause__)
    kind = _BY_STATUS.get(error.status_code, InternalError)
    headers = dict(error.headers or {})
    if kind is MethodNotAllowed:
        # The framework lists only the methods of the first route that matches the path.
        headers["Allow"] = ", ".join(_methods_of(request)) or "GET, HEAD"
    return problem_response(request, kind(headers=headers))


def _methods_of(request: Request) -> list[str]:
    paths = request.app.openapi()["paths"]
    segments = request.url.path.split("/")
    documented = {
        method.upper()
        for template, methods in paths.items()
        if _matches(template.split("/"), segments)
        for method in methods
    }
    return sorted(documented | ({"HEAD"} if "GET" in documented else set()))


def _matches(template: Sequence[str], segments: Sequence[str]) -> bool:
    return len(template) == len(segments) and all(
        pattern.startswith("{") or pattern == segment
        for pattern, segment in zip(template, segments, strict=True)
    )


async def _on_invalid_transition(request: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidTransitionError)  # noqa: S101 - what the handler was registered for
    allowed_transitions = ", ".join(error.legal) or "none"
    detail = f"{str(error).capitalize()}. Possible now: {allowed_transitions}."
    return problem_response(
        request, InvalidTransition(detail, state=error.state, allowed_transitions=list(error.legal))
    )


async def _on_malformed_id(request: Request, error: Exception) -> Response:
    del error  # it contains client input, which is not repeated
    return problem_response(
        request, NotFound("No resource has this id: the id is malformed. Check it and retry.")
    )
