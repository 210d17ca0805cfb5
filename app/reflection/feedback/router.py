"""Routes of feedback and feedback requests."""

from typing import Annotated, Literal

from fastapi import Header, Response

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
from app.kit.ids import FeedbackId
from app.reflection.feedback import requests, service
from app.reflection.feedback.problems import (
    AcknowledgementNotYours,
    AudiencePrivate,
    DirectionNotYours,
    FeedbackNotFound,
    FeedbackNotYours,
    FeedbackRequestNotFound,
    FeedbackRequestNotYours,
)
from app.reflection.feedback.schemas import (
    Feedback,
    FeedbackCreate,
    FeedbackRequest,
    FeedbackRequestPut,
    FeedbackUpdate,
)
from app.tracking.interviews.problems import InterviewNotFound
from app.tracking.interviews.router import InterviewIdPath

routes = make_router(tag="Feedback")

Reads = Annotated[RequestContext, require_scopes(Scope.FEEDBACK_READ)]
Writes = Annotated[RequestContext, require_scopes(Scope.FEEDBACK_WRITE)]
FeedbackIdPath = Annotated[FeedbackId, path_id("a piece of feedback", sample_ids.FEEDBACK)]


@routes.post(
    "/interviews/{interview_id}/feedback",
    status_code=201,
    response_model=Feedback,
    responses=problems(InterviewNotFound, DirectionNotYours),
    summary="Create a piece of feedback",
)
async def create_feedback(
    interview_id: InterviewIdPath, body: FeedbackCreate, context: Writes
) -> Response:
    """Create a draft to the recruiter or interviewer, or record feedback that was received.

    A draft is private to you until it is sent, whatever its audience.
    """
    return await context.create("/v1/feedback/{id}", service.create, interview_id, body)


@routes.get(
    "/interviews/{interview_id}/feedback",
    response_model=Page[Feedback],
    responses=problems(InterviewNotFound, CursorInvalid),
    summary="List the feedback on an interview",
)
async def list_feedback(
    interview_id: InterviewIdPath,
    context: Reads,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """List drafts, sent and received feedback on an interview, oldest first."""
    return await context.read(service.list_, interview_id, limit, cursor)


@routes.get(
    "/interviews/{interview_id}/feedback-request",
    response_model=FeedbackRequest,
    responses=problems(InterviewNotFound, FeedbackRequestNotFound),
    summary="Get the feedback request of an interview",
)
async def get_feedback_request(interview_id: InterviewIdPath, context: Reads) -> Response:
    """Return when an answer is expected, and whether it came or is overdue.

    The recruiter with whom the application is shared may read this too.
    """
    return await context.read(requests.show, interview_id)


@routes.put(
    "/interviews/{interview_id}/feedback-request",
    response_model=FeedbackRequest,
    responses=problems(InterviewNotFound, FeedbackRequestNotYours, PreconditionFailed),
    summary="Create or replace the feedback request of an interview",
)
async def put_feedback_request(
    interview_id: InterviewIdPath,
    body: FeedbackRequestPut,
    context: Writes,
    _: Annotated[
        Literal["*"] | None,
        Header(
            alias="If-None-Match",
            description="`*`: create the request only if there is none yet.",
            openapi_examples={"first": {"summary": "there is no request yet", "value": "*"}},
        ),
    ] = None,
) -> Response:
    """Ask the recruiter for feedback on an interview, by a day if you agreed on one.

    Send `If-None-Match: *` the first time; sending the same request again changes nothing. To
    replace it, send `If-Match` with the `ETag` of the current request. The recruiter is notified
    of the first request and of every change of the day.
    """
    return await context.write(requests.upsert, interview_id, body)


@routes.delete(
    "/interviews/{interview_id}/feedback-request",
    status_code=204,
    responses=problems(
        InterviewNotFound, FeedbackRequestNotFound, FeedbackRequestNotYours, PreconditionFailed
    ),
    summary="Withdraw the feedback request of an interview",
)
async def withdraw_feedback_request(interview_id: InterviewIdPath, context: Writes) -> Response:
    """Withdraw the feedback request; feedback that was received stays."""
    return await context.write(requests.withdraw, interview_id)


@routes.get(
    "/feedback/{feedback_id}",
    response_model=Feedback,
    responses=problems(FeedbackNotFound),
    summary="Get a piece of feedback",
)
async def get_feedback(feedback_id: FeedbackIdPath, context: Reads) -> Response:
    """Return a piece of feedback."""
    return await context.read(service.show, feedback_id)


@routes.patch(
    "/feedback/{feedback_id}",
    response_model=Feedback,
    responses=problems(FeedbackNotFound, FeedbackNotYours, InvalidTransition, PreconditionFailed),
    summary="Update a piece of feedback",
)
async def update_feedback(
    feedback_id: FeedbackIdPath, body: FeedbackUpdate, context: Writes
) -> Response:
    """Change a draft or the record of received feedback; sent feedback cannot be changed."""
    return await context.write(service.update, feedback_id, body)


@routes.post(
    "/feedback/{feedback_id}/dispatch",
    response_model=Feedback,
    responses=problems(
        FeedbackNotFound, FeedbackNotYours, InvalidTransition, AudiencePrivate, PreconditionFailed
    ),
    summary="Send a piece of feedback",
)
async def send_feedback(feedback_id: FeedbackIdPath, context: Writes) -> Response:
    """Send a draft: its audience may read it from now on, and it can no longer be changed.

    The number of minutes since the end of the interview is stored with it.
    """
    return await context.write(service.send, feedback_id)


@routes.post(
    "/feedback/{feedback_id}/acknowledgement",
    response_model=Feedback,
    responses=problems(FeedbackNotFound, AcknowledgementNotYours, InvalidTransition),
    summary="Acknowledge a piece of feedback",
)
async def acknowledge_feedback(feedback_id: FeedbackIdPath, context: Writes) -> Response:
    """Acknowledge that you have read it; its author is notified. A repeat changes nothing."""
    return await context.write(service.acknowledge, feedback_id)


@routes.delete(
    "/feedback/{feedback_id}",
    status_code=204,
    responses=problems(FeedbackNotFound, FeedbackNotYours, PreconditionFailed),
    summary="Delete a piece of feedback",
)
async def delete_feedback(feedback_id: FeedbackIdPath, context: Writes) -> Response:
    """Delete a piece of feedback permanently; only its author can."""
    return await context.write(service.delete, feedback_id)
