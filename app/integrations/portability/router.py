"""Routes of import and export, and of personal data export and erasure (GDPR)."""

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
    UnsupportedMediaType,
)
from app.integrations.portability.schemas import (
    ErasedRecords,
    ErasureCreate,
    ExportedRecord,
    ImportDone,
    ImportProgress,
    ImportStopped,
    PastApplication,
    RejectedLine,
)

routes = make_router(tag="Exchange")
streamed = make_router(tag="Exchange")
"""Routes whose request bodies are streamed, under a size limit of their own."""

STREAMED = frozenset({("POST", "/v1/history")})

_REPORT = (RejectedLine, ImportProgress, ImportDone, ImportStopped)
LINES: tuple[type[BaseModel], ...] = (PastApplication, *_REPORT, ExportedRecord)
"""The schemas of lines. FastAPI does not see them, so they are added to the OpenAPI document."""

Exports = Annotated[
    RequestContext,
    require_scopes(Scope.APPLICATIONS_READ, Scope.INTERVIEWS_READ, Scope.DEBRIEFS_READ),
]
Imports = Annotated[
    RequestContext,
    require_scopes(Scope.APPLICATIONS_WRITE, Scope.INTERVIEWS_WRITE, Scope.DEBRIEFS_WRITE),
]
ExportsPersonalData = Annotated[RequestContext, require_scopes(Scope.DATA_EXPORT)]
Erases = Annotated[RequestContext, require_scopes(Scope.DATA_ERASE)]
Manages = Annotated[RequestContext, require_scopes(Scope.MEMBERS_MANAGE)]


# The `maxLength` of requests and responses: twice the default limit of an import, because more is
# stored about a person than they sent. An operator may allow larger imports.
_MAX_BYTES = 2 * Settings.model_fields["max_history_bytes"].default


def _lines_schema(*kinds: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a body in JSON Lines.

    OpenAPI 3.1 has no keyword for it (`itemSchema` is of 3.2, and unknown to tools that read 3.1),
    but JSON Schema has: a string whose content, line by line, has this schema.
    """
    refs = [{"$ref": f"#/components/schemas/{kind.__name__}"} for kind in kinds]
    return {
        "type": "string",
        "format": "json-lines",
        "maxLength": _MAX_BYTES,
        "contentSchema": refs[0] if len(refs) == 1 else {"anyOf": refs},
    }


def _lines_response(*kinds: type[BaseModel]) -> dict[str, Any]:
    # Not in the schema of requests: with it the docs page asks for a file and offers no example.
    schema = _lines_schema(*kinds) | {"contentMediaType": MEDIA_TYPE}
    return {"responses": {"200": {"content": {MEDIA_TYPE: {"schema": schema}}}}}


_EXAMPLE_LINE = PastApplication.model_validate(
    PastApplication.model_config["json_schema_extra"]["examples"][0]  # type: ignore[index]  # a dict, as `example` makes it
)
_IMPORT_REQUEST = {
    "requestBody": {
        "required": True,
        "description": "One application per line.",
        "content": {
            media_type: {
                "schema": _lines_schema(PastApplication),
                "example": _EXAMPLE_LINE.model_dump_json(exclude_unset=True) + "\n",
            }
            for media_type in MEDIA_TYPES
        },
    }
}


@streamed.post(
    "/history",
    status_code=200,
    response_class=JsonLinesResponse,
    responses=problems(UnsupportedMediaType),
    openapi_extra=_IMPORT_REQUEST | _lines_response(*_REPORT) | NOT_IDEMPOTENT,
    summary="Import past applications",
)
async def import_history(context: Imports, request: Request) -> Response:
    """Import any number of past applications, one per line, with interviews, signals and outcome.

    Each line is imported atomically or rejected with its number; other lines are unaffected. The
    response is streamed too, and reports only what is committed. A line that is stored already
    changes nothing, so sending a file again adds what is missing: `Idempotency-Key` is not needed
    and is ignored.
    """
    return await import_stream.import_history(context, request, IMPORT_LIMITS.of(request.scope))


@routes.get(
    "/history",
    status_code=200,
    response_class=JsonLinesResponse,
    responses=problems(),
    openapi_extra=_lines_response(PastApplication),
    summary="Export all applications",
)
async def export_history(context: Exports) -> Response:
    """Return all your applications, one per line, in the format that the import reads.

    One that was not imported has its own id as `external_id`. `shared_with` is not exported: it is
    a permission, not history.
    """
    return await stream(context, exporter.export_page, exporter.START)


@routes.get(
    "/me/export",
    status_code=200,
    response_class=JsonLinesResponse,
    responses=problems(),
    openapi_extra=_lines_response(ExportedRecord),
    summary="Export your personal data",
)
async def export_me(context: ExportsPersonalData) -> Response:
    """Return every record about you, one per line, as it is stored (GDPR data export).

    API keys come without their text, and stored idempotent responses without their bodies: nobody
    can read those.
    """
    return await stream(context, data_subject.export_personal_data, data_subject.START)


@routes.post(
    "/me/erasure",
    response_model=ErasedRecords,
    responses=problems(MemberNotFound, ErasureNotConfirmed, LastAdministrator),
    openapi_extra=NOT_IDEMPOTENT,
    summary="Erase your personal data",
)
async def erase_me(body: ErasureCreate, context: Erases, request: Request) -> Response:
    """Erase all your records, keys and stored responses (GDPR erasure). It cannot be undone.

    Your keys stop working, so a repeated request gets 401. To have a copy, request
    `GET /v1/me/export` first.
    """
    response = await context.write(data_subject.erase_member, context.caller.member_id, body)
    await _purge_caches(request)
    return response


@routes.post(
    "/members/{member_id}/erasure",
    response_model=ErasedRecords,
    responses=problems(MemberNotFound, ErasureNotConfirmed, LastAdministrator),
    openapi_extra=NOT_IDEMPOTENT,
    summary="Erase a member",
)
async def erase_member(
    member_id: MemberIdPath, body: ErasureCreate, context: Manages, request: Request
) -> Response:
    """Erase all records, keys and stored responses of a member. It cannot be undone.

    What a recruiter wrote to a candidate stays in that candidate's record, without its author.
    """
    response = await context.write(data_subject.erase_member, member_id, body)
    await _purge_caches(request)
    return response


async def _purge_caches(request: Request) -> None:
    """Remove erased data from the credential cache and from the write-ahead log."""
    AUTHENTICATOR.of(request.scope).invalidate()
    await RUNNER.of(request.scope).database.truncate_wal()
