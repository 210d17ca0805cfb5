"""Routes of debriefs: signals and their release."""

from typing import Annotated, Literal

from fastapi import Header, Response

from app.accounts.request_context import RequestContext, require_scopes
from app.accounts.scopes import Scope
from app.core.http.routing import make_router, problems
from app.core.problems import PreconditionFailed
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
# Recruiters have this scope, so they can read what a candidate released.
ReadsReleases = Annotated[RequestContext, require_scopes(Scope.FEEDBACK_READ)]
Writes = Annotated[RequestContext, require_scopes(Scope.DEBRIEFS_WRITE)]


@routes.get(
    "/interviews/{interview_id}/signals",
    response_model=SignalSheet,
    responses=problems(InterviewNotFound),
    summary="Get the signals of an interview",
)
async def get_signals(interview_id: InterviewIdPath, context: Reads) -> Response:
    """Return the signals you observed, those still unknown, and those that the data suggests."""
    return await context.read(service.show, interview_id)


@routes.put(
    "/interviews/{interview_id}/signals",
    response_model=SignalSheet,
    responses=problems(InterviewNotFound, InterviewNotTakenPlace, PreconditionFailed),
    summary="Record the signals of an interview",
)
async def put_signals(interview_id: InterviewIdPath, body: SignalsPut, context: Writes) -> Response:
    """Record the signals you observed; this replaces the whole sheet.

    A signal that is left out or null is unknown, which is not the same as absent. The
    estimate of the application is updated at once.
    """
    return await context.write(service.record_signals, interview_id, body)


@routes.get(
    "/interviews/{interview_id}/signals/release",
    response_model=SignalRelease,
    responses=problems(InterviewNotFound, SignalReleaseNotFound),
    summary="Get the released signals of an interview",
)
async def get_signal_release(interview_id: InterviewIdPath, context: ReadsReleases) -> Response:
    """Return the signals that the candidate released, at their current levels.

    The recruiter with whom the application is shared may read this, and nothing else of the sheet.
    """
    return await context.read(release.show, interview_id)


@routes.put(
    "/interviews/{interview_id}/signals/release",
    response_model=SignalRelease,
    responses=problems(InterviewNotFound, SignalNotRecorded, PreconditionFailed),
    summary="Release signals of an interview to the recruiter",
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
            openapi_examples={"first": {"summary": "nothing is released yet", "value": "*"}},
        ),
    ] = None,
) -> Response:
    """Let the recruiter with whom the application is shared read exactly these signals.

    Send `If-None-Match: *` the first time; sending the same signals again changes nothing. To
    replace them, send `If-Match` with the `ETag` of the current release. The recruiter is notified
    that signals were released; the event does not name them.
    """
    return await context.write(release.release, interview_id, body)


@routes.delete(
    "/interviews/{interview_id}/signals/release",
    status_code=204,
    responses=problems(InterviewNotFound, SignalReleaseNotFound, PreconditionFailed),
    summary="Withdraw the release of signals of an interview",
)
async def withdraw_signal_release(interview_id: InterviewIdPath, context: Writes) -> Response:
    """Make all signals of the interview private again."""
    return await context.write(release.withdraw, interview_id)
