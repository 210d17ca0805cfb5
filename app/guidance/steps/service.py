"""Service of steps: list steps, complete them, dismiss them."""

from app.core.http.pagination import fetch_page
from app.core.http.representations import Resource, ResourcePage
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.guidance.steps import presenters
from app.guidance.steps.lifecycle import STEP, Move, StepState
from app.guidance.steps.models import StepRow
from app.guidance.steps.problems import StepNotFound
from app.guidance.steps.repository import STEP_BY_ID, StepRecord, steps
from app.guidance.steps.schemas import DueFilter
from app.kit.ids import ApplicationId, StepId


def show(session: ReadSession, step_id: StepId) -> Resource[StepRecord]:
    """Return one step."""
    return presenters.step(session.get(STEP_BY_ID, StepNotFound, id=step_id))


def list_(
    session: ReadSession,
    *,
    application: ApplicationId | None,
    state: StepState | None,
    due: DueFilter | None,
    limit: int,
    cursor: str | None,
) -> ResourcePage[StepRecord]:
    """Return the caller's steps, the earliest due first."""
    requested = {"application_id": application, "state": state}
    filters = {name: value for name, value in requested.items() if value is not None}
    return fetch_page(
        session,
        steps(frozenset(filters), due),
        presenters.STEP,
        filters=filters | ({"due": due} if due else {}),
        limit=limit,
        cursor=cursor,
    )


def transition(session: WriteSession, step_id: StepId, move: Move) -> Resource[StepRecord]:
    """Complete or dismiss a step."""
    row = session.get_for_update(STEP_BY_ID, StepNotFound, etag=presenters.etag, id=step_id)
    state = STEP.next_state(row.state, move)
    session.update(StepRow, row, state=state, closed_at=session.now)
    return show(session, step_id)
