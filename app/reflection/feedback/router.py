"""Paths of feedback."""

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
from app.core.problems import CursorInvalid, MoveNotAllowed, StaleVersion
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
    summary="Draft feedback, or write down what was received",
)
async def create_feedback(
    interview_id: InterviewIdPath, body: FeedbackCreate, context: Writes
) -> Response:
    """Start a draft to the recruiter or interviewer, or keep what they said.

    A draft is private to you until it is sent, whatever its audience.
    """
    return await context.create("/v1/feedback/{id}", service.create, interview_id, body)


@routes.get(
    "/interviews/{interview_id}/feedback",
    response_model=Page[Feedback],
    responses=problems(InterviewNotFound, CursorInvalid),
    summary="List the feedback about an interview",
)
async def list_feedback(
    interview_id: InterviewIdPath,
    context: Reads,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """Show drafts, sent and received feedback about one interview, oldest first."""
    return await context.read(service.list_, interview_id, limit, cursor)


@routes.get(
    "/interviews/{interview_id}/feedback-request",
    response_model=FeedbackRequest,
    responses=problems(InterviewNotFound, FeedbackRequestNotFound),
    summary="Get what was asked for",
)
async def get_feedback_request(interview_id: InterviewIdPath, context: Reads) -> Response:
    """Show by when an answer is expected, and whether it came or is overdue.

    The recruiter to whom the application is open reads it too.
    """
    return await context.read(requests.show, interview_id)


@routes.put(
    "/interviews/{interview_id}/feedback-request",
    response_model=FeedbackRequest,
    responses=problems(InterviewNotFound, FeedbackRequestNotYours, StaleVersion),
    summary="Ask for feedback",
)
async def request_feedback(
    interview_id: InterviewIdPath,
    body: FeedbackRequestPut,
    context: Writes,
    _: Annotated[
        Literal["*"] | None,
        Header(
            alias="If-None-Match",
            description="`*`: ask only if you have not asked yet.",
            openapi_examples={"first": {"summary": "nothing was asked yet", "value": "*"}},
        ),
    ] = None,
) -> Response:
    """Ask the recruiter how it went, and for a day by which to expect an answer.

    The first time with `If-None-Match: *`; sending the same again changes nothing. To ask for
    another day, send it with `If-Match` set to the `ETag` of what was asked. The recruiter is
    told of the first asking and of every other day.
    """
    return await context.write(requests.upsert, interview_id, body)


@routes.delete(
    "/interviews/{interview_id}/feedback-request",
    status_code=204,
    responses=problems(
        InterviewNotFound, FeedbackRequestNotFound, FeedbackRequestNotYours, StaleVersion
    ),
    summary="Ask no longer",
)
async def withdraw_feedback_request(interview_id: InterviewIdPath, context: Writes) -> Response:
    """Withdraw what was asked for; feedback that came stays."""
    return await context.write(requests.withdraw, interview_id)


@routes.get(
    "/feedback/{feedback_id}",
    response_model=Feedback,
    responses=problems(FeedbackNotFound),
    summary="Get a piece of feedback",
)
async def get_feedback(feedback_id: FeedbackIdPath, context: Reads) -> Response:
    """Show one piece of feedback."""
    return await context.read(service.show, feedback_id)


@routes.patch(
    "/feedback/{feedback_id}",
    response_model=Feedback,
    responses=problems(FeedbackNotFound, FeedbackNotYours, MoveNotAllowed, StaleVersion),
    summary="Rewrite a draft",
)
async def update_feedback(
    feedback_id: FeedbackIdPath, body: FeedbackUpdate, context: Writes
) -> Response:
    """Change a draft, or the record of what was received; what was sent stays as it was sent."""
    return await context.write(service.update, feedback_id, body)


@routes.post(
    "/feedback/{feedback_id}/dispatch",
    response_model=Feedback,
    responses=problems(
        FeedbackNotFound, FeedbackNotYours, MoveNotAllowed, AudiencePrivate, StaleVersion
    ),
    summary="Send a draft",
)
async def send_feedback(feedback_id: FeedbackIdPath, context: Writes) -> Response:
    """Let its audience see it; from then on it no longer changes.

    How many minutes after the interview it was sent is kept with it.
    """
    return await context.write(service.send, feedback_id)


@routes.post(
    "/feedback/{feedback_id}/acknowledgement",
    response_model=Feedback,
    responses=problems(FeedbackNotFound, AcknowledgementNotYours, MoveNotAllowed),
    summary="Acknowledge feedback",
)
async def acknowledge_feedback(feedback_id: FeedbackIdPath, context: Writes) -> Response:
    """Say that you have read it; its author is told. To say so again changes nothing."""
    return await context.write(service.acknowledge, feedback_id)


@routes.delete(
    "/feedback/{feedback_id}",
    status_code=204,
    responses=problems(FeedbackNotFound, FeedbackNotYours, StaleVersion),
    summary="Delete a piece of feedback",
)
async def delete_feedback(feedback_id: FeedbackIdPath, context: Writes) -> Response:
    """Remove it for good; only its author can."""
    return await context.write(service.delete, feedback_id)
