"""Paths of debriefs."""

from typing import Annotated, Literal

from fastapi import Header, Response

from app.accounts.request_context import RequestContext, require_scopes
from app.accounts.scopes import Scope
from app.core.http.routing import make_router, problems
from app.core.problems import StaleVersion
from app.reflection.debriefs import release, service
from app.reflection.debriefs.problems import SignalNotRecorded, SignalReleaseNotFound
from app.reflection.debriefs.schemas import (
    SignalRelease,
    SignalReleasePut,
    SignalSheet,
    SignalsPut,
)
from app.tracking.interviews.problems import InterviewNotFound, InterviewNotTakenPlace
from app.tracking.interviews.router import InterviewIdPath

routes = make_router(tag="Signals")

Reads = Annotated[RequestContext, require_scopes(Scope.DEBRIEFS_READ)]
# A recruiter has this scope, and reads by it what a candidate lets them know.
ReadsReleases = Annotated[RequestContext, require_scopes(Scope.FEEDBACK_READ)]
Writes = Annotated[RequestContext, require_scopes(Scope.DEBRIEFS_WRITE)]


@routes.get(
    "/interviews/{interview_id}/signals",
    response_model=SignalSheet,
    responses=problems(InterviewNotFound),
    summary="Get the signals of an interview",
)
async def get_signals(interview_id: InterviewIdPath, context: Reads) -> Response:
    """Show what you observed, what is still unknown, and what the facts suggest."""
    return await context.read(service.show, interview_id)


@routes.put(
    "/interviews/{interview_id}/signals",
    response_model=SignalSheet,
    responses=problems(InterviewNotFound, InterviewNotTakenPlace, StaleVersion),
    summary="Record the signals of an interview",
)
async def observe_signals(
    interview_id: InterviewIdPath, body: SignalsPut, context: Writes
) -> Response:
    """Write down what you observed, as a whole sheet.

    What is left out, or null, is unknown; that is not the same as absent. The
    estimate of the application follows at once.
    """
    return await context.write(service.record_signals, interview_id, body)


@routes.get(
    "/interviews/{interview_id}/signals/release",
    response_model=SignalRelease,
    responses=problems(InterviewNotFound, SignalReleaseNotFound),
    summary="Get the signals released",
)
async def get_signal_release(interview_id: InterviewIdPath, access: ReadsReleases) -> Response:
    """Show the signals that the candidate released, at their present levels.

    The recruiter to whom the application is open reads this too, and nothing else of the sheet.
    """
    return await access.read(release.show, interview_id)


@routes.put(
    "/interviews/{interview_id}/signals/release",
    response_model=SignalRelease,
    responses=problems(InterviewNotFound, SignalNotRecorded, StaleVersion),
    summary="Release signals to the recruiter",
)
async def release_signals(
    interview_id: InterviewIdPath,
    body: SignalReleasePut,
    context: Writes,
    _: Annotated[
        Literal["*"] | None,
        Header(
            alias="If-None-Match",
            description="`*`: release only if nothing is released yet.",
            openapi_examples={"first": {"summary": "nothing was released yet", "value": "*"}},
        ),
    ] = None,
) -> Response:
    """Let the recruiter to whom the application is open read just these signals.

    The first time with `If-None-Match: *`; sending the same again changes nothing. To choose
    others, send them with `If-Match` set to the `ETag` of what is released. The recruiter is told
    that something was released, and never what.
    """
    return await context.write(release.release, interview_id, body)


@routes.delete(
    "/interviews/{interview_id}/signals/release",
    status_code=204,
    responses=problems(InterviewNotFound, SignalReleaseNotFound, StaleVersion),
    summary="Release nothing any more",
)
async def withdraw_signal_release(interview_id: InterviewIdPath, context: Writes) -> Response:
    """Make every signal of the interview private again."""
    return await context.write(release.withdraw, interview_id)
