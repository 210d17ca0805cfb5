"""Turn whatever went wrong into one shape: `application/problem+json`, RFC 9457."""

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
    InvalidInput,
    MethodNotAllowed,
    MoveNotAllowed,
    NotFound,
    PathUnknown,
    Problem,
    UndecodableBody,
    Unexpected,
    registry,
)
from app.kit.ids import MalformedIdError
from app.kit.lifecycle import InvalidTransitionError

MEDIA_TYPE = "application/problem+json"

# What a caller made too long is not handed back whole.
_LONGEST_POINTER = 1_000
_LONGEST_PATH = 500
_MOST_FAULTS = 100

_BY_STATUS: dict[int, type[Problem]] = {
    int(kind.status): kind
    for kind in (UndecodableBody, PathUnknown, MethodNotAllowed, BodyTooLarge)
}


class FieldErrorOut(Schema):
    """One thing wrong with the request."""

    pointer: Annotated[
        str,
        Field(
            description="Where: a JSON Pointer into the body (`#/company/name`), or the place and "
            "name of a parameter (`query/limit`).",
            max_length=_LONGEST_POINTER,
            pattern="^(#|(path|query|header|cookie)/)",
        ),
    ]
    code: Annotated[str, Field(description="Which kind of mistake, stable.")]
    detail: Annotated[str, Field(description="What to do about it.")]


class ProblemDetails(Schema):
    """What every answer of 400 and above looks like (RFC 9457)."""

    type: Annotated[str, Field(description="Where this kind of problem is explained.")]
    title: str
    status: int
    detail: Annotated[str, Field(description="What happened and what to do.")]
    instance: Annotated[
        str,
        Field(
            description="The path that was called.", json_schema_extra={"format": "uri-reference"}
        ),
    ]
    code: Annotated[str, Field(description="Which problem it is, stable; see `/problems`.")]
    request_id: Annotated[str, Field(description="Name this when you report the problem.")]
    errors: Annotated[list[FieldErrorOut], Field(max_length=_MOST_FAULTS)]


class ProblemKind(Schema):
    """One kind of problem, as the registry explains it."""

    type: str
    code: str
    title: str
    status: int
    detail: str


def problem_kind(kind: type[Problem]) -> ProblemKind:
    """Explain one kind of problem."""
    return ProblemKind(
        type=f"/problems/{kind.code()}",
        code=kind.code(),
        title=kind.title,
        status=int(kind.status),
        detail=kind.default_detail(),
    )


def problem_kinds() -> list[ProblemKind]:
    """Explain every problem the service can answer, in order of its code."""
    return [problem_kind(kind) for kind in registry().values() if kind.title]


def register_exception_handlers(app: FastAPI) -> None:
    """Have every exception of the app rendered as a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid_input)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(InvalidTransitionError, _on_illegal_move)
    app.add_exception_handler(MalformedIdError, _on_malformed_id)


def problem_response(request: Request, problem: Problem) -> Response:
    """Return the answer that tells of this problem."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code()}",
        "title": problem.title,
        "status": int(problem.status),
        "detail": problem.detail,
        "instance": quote(request.scope["path"][:_LONGEST_PATH]),
        "code": problem.code(),
        "request_id": request_id_of(request.scope),
        "errors": [
            {
                "pointer": fault.pointer[:_LONGEST_POINTER],
                "code": fault.code,
                "detail": fault.detail,
            }
            for fault in problem.faults[:_MOST_FAULTS]
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
    mistakes = error.errors()
    if any(mistake["type"] == "json_invalid" for mistake in mistakes):
        return problem_response(request, UndecodableBody(faults=field_errors(mistakes)))
    return problem_response(request, InvalidInput(faults=field_errors(mistakes)))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what the handler was registered for
    if isinstance(error.__cause__, Problem):  # raised while the framework was reading the body
        return problem_response(request, error.__cause__)
    kind = _BY_STATUS.get(error.status_code, Unexpected)
    headers = dict(error.headers or {})
    if kind is MethodNotAllowed:
        # The framework names the methods of the first route that fits the path, not of all.
        headers["Allow"] = ", ".join(_methods_of(request)) or "GET, HEAD"
    return problem_response(request, kind(headers=headers))


def _methods_of(request: Request) -> list[str]:
    paths = request.app.openapi()["paths"]
    asked = request.url.path.split("/")
    documented = {
        method.upper()
        for template, methods in paths.items()
        if _fits(template.split("/"), asked)
        for method in methods
    }
    return sorted(documented | ({"HEAD"} if "GET" in documented else set()))


def _fits(template: Sequence[str], asked: Sequence[str]) -> bool:
    return len(template) == len(asked) and all(
        want.startswith("{") or want == got for want, got in zip(template, asked, strict=True)
    )


async def _on_illegal_move(request: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidTransitionError)  # noqa: S101 - what the handler was registered for
    legal = ", ".join(error.legal) or "nothing any more"
    detail = f"{str(error).capitalize()}. What is possible now: {legal}."
    return problem_response(
        request, MoveNotAllowed(detail, state=error.state, legal_moves=list(error.legal))
    )


async def _on_malformed_id(request: Request, error: Exception) -> Response:
    del error  # it holds what the caller sent, which is not repeated
    return problem_response(
        request, NotFound("There is nothing under this id: it is not a well-formed one.")
    )
