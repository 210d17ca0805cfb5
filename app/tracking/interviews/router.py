"""Routes of interviews."""

from typing import Annotated

from fastapi import Response

from app.accounts.request_context import RequestContext, require_scopes
from app.accounts.scopes import Scope
from app.core.http.routing import (
    Cursor,
    Limit,
    make_router,
    path_id,
    problems,
)
from app.core.http.schemas import Page
from app.core.problems import CursorInvalid, InvalidTransition, PreconditionFailed
from app.kit import sample_ids
from app.kit.ids import InterviewId
from app.tracking.applications.problems import ApplicationNotFound
from app.tracking.applications.router import ApplicationIdPath
from app.tracking.interviews import service
from app.tracking.interviews.problems import EndNotPossible, InterviewNotFound
from app.tracking.interviews.schemas import (
    ConclusionCreate,
    Interview,
    InterviewCreate,
    InterviewUpdate,
)

routes = make_router(tag="Interviews")

Reads = Annotated[RequestContext, require_scopes(Scope.INTERVIEWS_READ)]
Writes = Annotated[RequestContext, require_scopes(Scope.INTERVIEWS_WRITE)]
InterviewIdPath = Annotated[InterviewId, path_id("an interview", sample_ids.INTERVIEW)]


@routes.post(
    "/applications/{application_id}/interviews",
    status_code=201,
    response_model=Interview,
    responses=problems(ApplicationNotFound),
    summary="Create an interview",
)
async def create_interview(
    application_id: ApplicationIdPath, body: InterviewCreate, context: Writes
) -> Response:
    """Create an interview, planned or already held.

    Its round moves the stage of the application forward.
    """
    return await context.create("/v1/interviews/{id}", service.schedule, application_id, body)


@routes.get(
    "/applications/{application_id}/interviews",
    response_model=Page[Interview],
    responses=problems(ApplicationNotFound, CursorInvalid),
    summary="List the interviews of an application",
)
async def list_interviews(
    application_id: ApplicationIdPath,
    context: Reads,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """List the interviews of an application in the order in which they were created."""
    return await context.read(service.list_, application_id, limit, cursor)


@routes.get(
    "/interviews/{interview_id}",
    response_model=Interview,
    responses=problems(InterviewNotFound),
    summary="Get an interview",
)
async def get_interview(interview_id: InterviewIdPath, context: Reads) -> Response:
    """Return an interview with its panel."""
    return await context.read(service.show, interview_id)


@routes.patch(
    "/interviews/{interview_id}",
    response_model=Interview,
    responses=problems(InterviewNotFound, InvalidTransition, EndNotPossible, PreconditionFailed),
    summary="Update an interview",
)
async def update_interview(
    interview_id: InterviewIdPath, body: InterviewUpdate, context: Writes
) -> Response:
    """Change the fields that are sent; the others keep their values.

    A new `starts_at` reschedules the interview. `panel` replaces the whole panel.
    """
    return await context.write(service.update, interview_id, body)


@routes.delete(
    "/interviews/{interview_id}",
    status_code=204,
    responses=problems(InterviewNotFound, PreconditionFailed),
    summary="Delete an interview",
)
async def delete_interview(interview_id: InterviewIdPath, context: Writes) -> Response:
    """Delete an interview and everything recorded about it, permanently."""
    return await context.write(service.delete, interview_id)


@routes.post(
    "/interviews/{interview_id}/conclusion",
    response_model=Interview,
    responses=problems(InterviewNotFound, InvalidTransition, EndNotPossible, PreconditionFailed),
    summary="Conclude an interview",
)
async def conclude_interview(
    interview_id: InterviewIdPath, body: ConclusionCreate, context: Writes
) -> Response:
    """Record that the interview took place and when it ended.

    Signals that follow from its data (longer than planned, who was met) are then proposed in
    `GET /v1/interviews/{id}/signals`; none is set for you.
    """
    return await context.write(service.conclude, interview_id, body)


@routes.post(
    "/interviews/{interview_id}/cancellation",
    response_model=Interview,
    responses=problems(InterviewNotFound, InvalidTransition, PreconditionFailed),
    summary="Cancel an interview",
)
async def cancel_interview(interview_id: InterviewIdPath, context: Writes) -> Response:
    """Record that the interview will not take place. A new `starts_at` reschedules it."""
    return await context.write(service.cancel, interview_id)
