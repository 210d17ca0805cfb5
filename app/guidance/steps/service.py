"""What a candidate can do with steps: see what is due next, do it, or leave it."""

from collections.abc import Sequence

from app.core.http.pagination import fetch_page
from app.core.http.representations import Versioned, etag_of
from app.core.http.schemas import Page
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.guidance.steps.lifecycle import STEP, Move, StepState
from app.guidance.steps.models import StepRow
from app.guidance.steps.problems import StepNotFound
from app.guidance.steps.repository import STEP_BY_ID, steps
from app.guidance.steps.schemas import DueFilter, Step
from app.guidance.steps.text import guide_step, reason
from app.kit.ids import ApplicationId, StepId


def get(work: ReadSession, step_id: StepId) -> StepRow:
    """Return the step; raise StepNotFound when this caller sees none."""
    row = work.one_or_none(STEP_BY_ID, id=step_id)
    if row is None:
        raise StepNotFound
    return row


def show(work: ReadSession, step_id: StepId) -> Versioned[Step]:
    """Show one step."""
    row = get(work, step_id)
    return Versioned(_present(work, row), _tag(work, row))


def list_(
    work: ReadSession,
    *,
    application: ApplicationId | None,
    state: StepState | None,
    due: DueFilter | None,
    limit: int,
    cursor: str | None,
) -> Page[Step]:
    """Show the caller's steps, the longest due first."""
    wanted = {"application_id": application, "state": state and state.value}
    filters = {name: value for name, value in wanted.items() if value is not None}
    return fetch_page(
        work,
        steps(frozenset(filters), due and due.value),
        lambda rows: _present_all(work, rows),
        filters=filters | ({"due": due.value} if due else {}),
        limit=limit,
        cursor=cursor,
    )


def transition(work: WriteSession, step_id: StepId, move: Move) -> Versioned[Step]:
    """Say that it is done, or that it is not going to be."""
    row = get(work, step_id)
    work.check_precondition(_tag(work, row))
    state = STEP.next_state(StepState(row.state), move)
    work.update(StepRow, row, state=state.value, settled_at=work.now)
    return show(work, step_id)


def _is_overdue(work: ReadSession, row: StepRow) -> bool:
    return row.state == StepState.OPEN and row.due_at <= work.now


def _tag(work: ReadSession, row: StepRow) -> str:
    # Overdue is what time makes of it, and no change of the row.
    return etag_of(row.version, int(_is_overdue(work, row)))


def _present_all(work: ReadSession, rows: Sequence[StepRow]) -> list[Step]:
    return [_present(work, row) for row in rows]


def _present(work: ReadSession, row: StepRow) -> Step:
    step = guide_step(row.guide_step)
    return Step(
        id=row.id,
        application=row.application_id,
        interview=row.interview_id,
        guide_step=row.guide_step,
        phase=step.phase,
        title=step.title,
        text=step.text,
        reason=reason(row.guide_step),
        due_at=row.due_at,
        is_overdue=_is_overdue(work, row),
        state=StepState(row.state),
        settled_at=row.settled_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
