"""Paths of debriefs."""

from typing import Annotated

from fastapi import Response

from app.accounts.access import Access, needs
from app.accounts.scopes import Scope
from app.core.problems import StaleVersion
from app.core.routing import problems, router
from app.debriefs import service
from app.debriefs.schemas import SignalSheet, SignalsPut
from app.interviews.problems import InterviewNotFound, InterviewNotTakenPlace
from app.interviews.router import Identity as InterviewIdentity

routes = router(tag="Signals")

Reads = Annotated[Access, needs(Scope.DEBRIEFS_READ)]
Writes = Annotated[Access, needs(Scope.DEBRIEFS_WRITE)]


@routes.get(
    "/interviews/{interview_id}/signals",
    response_model=SignalSheet,
    responses=problems(InterviewNotFound),
    operation_id="get_signals",
    summary="Get the signals of an interview",
)
async def get_signals(interview_id: InterviewIdentity, access: Reads) -> Response:
    """Show what you observed, what is still unknown, and what the facts suggest."""
    return await access.read(service.show, interview_id)


@routes.put(
    "/interviews/{interview_id}/signals",
    response_model=SignalSheet,
    responses=problems(InterviewNotFound, InterviewNotTakenPlace, StaleVersion),
    operation_id="observe_signals",
    summary="Record the signals of an interview",
)
async def observe_signals(
    interview_id: InterviewIdentity, body: SignalsPut, access: Writes
) -> Response:
    """Write down what you observed, as a whole sheet.

    What is left out, or null, is unknown; that is not the same as absent. The
    estimate of the application follows at once.
    """
    return await access.write(service.observe, interview_id, body)
