"""Paths of what goes in and out in bulk, and of a person's own data."""

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import BaseModel

from app.accounts.authentication import AUTHENTICATOR
from app.accounts.problems import MemberNotFound
from app.accounts.request_context import RUNNER, RequestContext, require_scopes
from app.accounts.router import MemberIdPath
from app.accounts.scopes import Scope
from app.core.config.settings import Settings
from app.core.http.routing import (
    NOT_IDEMPOTENT,
    make_router,
    problems,
)
from app.integrations.portability import data_subject, exporter, import_stream
from app.integrations.portability.import_stream import IMPORT_LIMITS, MEDIA_TYPES
from app.integrations.portability.jsonl import MEDIA_TYPE, JsonLinesResponse, stream
from app.integrations.portability.problems import (
    ErasureNotConfirmed,
    LastAdministrator,
    MediaTypeNotTaken,
)
from app.integrations.portability.schemas import (
    Confirmation,
    Erased,
    HistoryDone,
    HistoryProgress,
    HistoryStopped,
    KeptRecord,
    LineRefused,
    PastApplication,
)

routes = make_router(tag="Exchange")
streamed = make_router(tag="Exchange")
"""Paths whose bodies are read as they come, under a limit of their own."""

STREAMED = frozenset({("POST", "/v1/history")})

_REPORT = (LineRefused, HistoryProgress, HistoryDone, HistoryStopped)
LINES: tuple[type[BaseModel], ...] = (PastApplication, *_REPORT, KeptRecord)
"""What lines are made of; the framework does not see them, so the document is told."""

Exports = Annotated[
    RequestContext,
    require_scopes(Scope.APPLICATIONS_READ, Scope.INTERVIEWS_READ, Scope.DEBRIEFS_READ),
]
Imports = Annotated[
    RequestContext,
    require_scopes(Scope.APPLICATIONS_WRITE, Scope.INTERVIEWS_WRITE, Scope.DEBRIEFS_WRITE),
]
Takes = Annotated[RequestContext, require_scopes(Scope.DATA_EXPORT)]
Goes = Annotated[RequestContext, require_scopes(Scope.DATA_ERASE)]
Manages = Annotated[RequestContext, require_scopes(Scope.MEMBERS_MANAGE)]


# Of what is sent as of what is taken: twice the largest history that is taken unless an operator
# allows more, because what is kept of somebody is more than what they sent.
_MOST_BYTES = 2 * Settings.model_fields["max_history_bytes"].default


def _of_lines(*kinds: type[BaseModel]) -> dict[str, Any]:
    """Say what the lines of a stream are.

    OpenAPI 3.1 has no word for it (`itemSchema` is of 3.2, and unknown to what reads 3.1), but
    JSON Schema has: text, whose content is of this schema, line by line.
    """
    refs = [{"$ref": f"#/components/schemas/{kind.__name__}"} for kind in kinds]
    return {
        "type": "string",
        "format": "json-lines",
        "maxLength": _MOST_BYTES,
        "contentSchema": refs[0] if len(refs) == 1 else {"anyOf": refs},
    }


def _answers(*kinds: type[BaseModel]) -> dict[str, Any]:
    # Not said of what is taken: the docs page would ask for a file, and offer no example.
    schema = _of_lines(*kinds) | {"contentMediaType": MEDIA_TYPE}
    return {"responses": {"200": {"content": {MEDIA_TYPE: {"schema": schema}}}}}


_LINE = PastApplication.model_validate(
    PastApplication.model_config["json_schema_extra"]["examples"][0]  # type: ignore[index]  # a dict, as `example` makes it
)
_TAKES = {
    "requestBody": {
        "required": True,
        "description": "One application a line.",
        "content": {
            media_type: {
                "schema": _of_lines(PastApplication),
                "example": _LINE.model_dump_json(exclude_unset=True) + "\n",
            }
            for media_type in MEDIA_TYPES
        },
    }
}


@streamed.post(
    "/history",
    status_code=200,
    response_class=JsonLinesResponse,
    responses=problems(MediaTypeNotTaken),
    openapi_extra=_TAKES | _answers(*_REPORT) | NOT_IDEMPOTENT,
    summary="Take past applications in",
)
async def import_history(context: Imports, request: Request) -> Response:
    """Take in any number of past applications, one a line, with interviews, signals and outcome.

    A line is taken in whole or refused by its number; the others do not suffer. The answer comes
    line by line too, and what it tells is committed. A line that is in already changes nothing,
    so sending a file again adds what is missing: no `Idempotency-Key` is needed, none is used.
    """
    return await import_stream.import_history(context, request, IMPORT_LIMITS.of(request.scope))


@routes.get(
    "/history",
    status_code=200,
    response_class=JsonLinesResponse,
    responses=problems(),
    openapi_extra=_answers(PastApplication),
    summary="Read all applications as lines",
)
async def export_history(context: Exports) -> Response:
    """Read all your applications, one a line, in exactly the shape in which they are taken in.

    What was never imported goes by its own id. To whom an application is open is not told:
    that is a permission, and no history.
    """
    return await stream(context, exporter.export_page, exporter.START)


@routes.get(
    "/me/export",
    status_code=200,
    response_class=JsonLinesResponse,
    responses=problems(),
    openapi_extra=_answers(KeptRecord),
    summary="Read all that is kept about you",
)
async def export_me(context: Takes) -> Response:
    """Read every record about you, one a line, as it is kept.

    Keys come without their text and kept answers without their bodies: nobody can read those.
    """
    return await stream(context, data_subject.export_personal_data, data_subject.START)


@routes.post(
    "/me/erasure",
    response_model=Erased,
    responses=problems(MemberNotFound, ErasureNotConfirmed, LastAdministrator),
    openapi_extra=NOT_IDEMPOTENT,
    summary="Erase all that is kept about you",
)
async def erase_me(body: Confirmation, context: Goes, request: Request) -> Response:
    """Erase yourself: every record, key and kept answer. It cannot be undone.

    Your keys end with it, so a repeated call is answered 401. `GET /v1/me/export` first, if you
    want to keep a copy.
    """
    answer = await context.write(data_subject.erase_member, context.caller.member_id, body)
    await _let_go(request)
    return answer


@routes.post(
    "/members/{member_id}/erasure",
    response_model=Erased,
    responses=problems(MemberNotFound, ErasureNotConfirmed, LastAdministrator),
    openapi_extra=NOT_IDEMPOTENT,
    summary="Erase a member",
)
async def erase_member(
    member_id: MemberIdPath, body: Confirmation, context: Manages, request: Request
) -> Response:
    """Erase a member with every record, key and kept answer of theirs. It cannot be undone.

    What a recruiter wrote to a candidate stays in that candidate's record, without its author.
    """
    answer = await context.write(data_subject.erase_member, member_id, body)
    await _let_go(request)
    return answer


async def _let_go(request: Request) -> None:
    """Have nothing left of what is erased but in the memory of those who read it."""
    AUTHENTICATOR.of(request.scope).invalidate()
    await RUNNER.of(request.scope).database.truncate_wal()
