"""Keep the steps of an application as they follow from what is on record.

Done in the transaction of whatever changed. It may be a recruiter who changes something, and no
recruiter sees a step: so it is the service itself that looks, and not the caller.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.core.persistence.tenancy import system_caller
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.guidance.steps.lifecycle import STEP, Move, StepState
from app.guidance.steps.models import StepRow
from app.guidance.steps.planning import (
    ApplicationFacts,
    InterviewFacts,
    Key,
    Plan,
    ReferenceFacts,
    plan,
)
from app.guidance.steps.repository import INTERVIEW_FACTS, REFEREES_OF, STEPS_OF_APPLICATION
from app.kit.ids import ApplicationId
from app.tracking.applications.models import ApplicationRow
from app.tracking.applications.repository import APPLICATION_SUMMARY
from app.tracking.references.lifecycle import ReferenceState

ANNOUNCE = "steps"
"""The kind of job that announces which steps of a workspace are due."""


def reconcile(writing: WriteSession, application_id: ApplicationId) -> None:
    """Make the steps that are to be taken, move those due at another time, drop the others."""
    work = replace(writing, caller=system_caller(writing.caller.workspace_id))
    application = work.one_or_none(APPLICATION_SUMMARY, id=application_id)
    if application is None:
        return
    planned = plan(_search(work, application), work.now)
    kept = {
        (row.interview_id, row.guide_step): row
        for row in work.all(STEPS_OF_APPLICATION, application_id=application_id)
    }
    for key, row in kept.items():
        if row.state == StepState.OPEN:
            _bring_up_to_date(work, row, planned, key)
    missing = {key: at for key, at in planned.due.items() if key not in kept}
    _make(work, application, missing)
    changed = [at for key, at in planned.due.items() if key not in kept or kept[key].due_at != at]
    if changed:
        work.enqueue(ANNOUNCE, at=min(changed))


def _bring_up_to_date(work: WriteSession, row: StepRow, planned: Plan, key: Key) -> None:
    if key in planned.fulfilled:
        state = STEP.next_state(StepState(row.state), Move.COMPLETE)
        work.update(StepRow, row, state=state.value, settled_at=work.now)
    elif key not in planned.due:
        work.delete(StepRow, row)
    elif row.due_at != planned.due[key]:
        # One that lies ahead again will be due anew, and is told of anew.
        at = planned.due[key]
        announced_at = row.announced_at if at <= work.now else None
        work.update(StepRow, row, due_at=at, announced_at=announced_at)


def _make(work: WriteSession, application: ApplicationRow, missing: Mapping[Key, datetime]) -> None:
    work.add_all(
        StepRow,
        [
            {
                "candidate_id": application.candidate_id,
                "application_id": application.id,
                "interview_id": interview_id,
                "guide_step": step_id,
                "due_at": at,
                "state": StepState.OPEN.value,
                "settled_at": None,
                "announced_at": None,
            }
            for (interview_id, step_id), at in missing.items()
        ],
    )


def _search(work: ReadSession, application: ApplicationRow) -> ApplicationFacts:
    of = {"application_id": application.id}
    return ApplicationFacts(
        status=application.status,
        closed_at=application.outcome_recorded_at,
        sittings=tuple(_sitting(row) for row in work.all(INTERVIEW_FACTS, **of)),
        referees=_referees(work.all(REFEREES_OF, **of)),
    )


def _sitting(row: Any) -> InterviewFacts:  # noqa: ANN401 - a row joined from three tables
    return InterviewFacts(
        id=row.id,
        format=row.format,
        state=row.state,
        starts_at=row.starts_at,
        ended_at=row.ended_at,
        awaited_on=row.answer_expected_on if row.answered_at is None else None,
        heard_at=row.heard_at,
        has_reported=row.has_reported,
        has_asked=row.has_asked,
        has_signals=row.has_signals,
    )


def _referees(rows: Sequence[Any]) -> ReferenceFacts:
    given = [row.given_at for row in rows if row.state == ReferenceState.GIVEN]
    states = {row.state for row in rows}
    return ReferenceFacts(
        has_any=bool(rows),
        are_warned=bool(rows) and all(row.warned_at for row in rows),
        given_at=min(given, default=None),
        are_thanked=ReferenceState.THANKED in states and not given,
    )
