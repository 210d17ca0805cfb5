"""Reconciler: makes the stored steps of an application equal to the plan.

It runs in the transaction of the change, as the system: the change may be a recruiter's, and
recruiters do not see steps.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

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
from app.guidance.steps.repository import (
    INTERVIEW_FACTS,
    REFERENCE_FACTS,
    STEPS_OF_APPLICATION,
    InterviewFactsRecord,
    ReferenceFactsRecord,
    StepRecord,
)
from app.kit.ids import ApplicationId
from app.tracking.applications.repository import APPLICATION_SUMMARY, ApplicationSummary
from app.tracking.references.lifecycle import ReferenceState

DUE_STEPS = "due_steps"
"""Kind of the job that publishes the due steps of a workspace."""


def reconcile(session: WriteSession, application_id: ApplicationId) -> None:
    """Add the steps that are missing, move those due at another time, remove the others."""
    system = session.as_system()
    application = system.one_or_none(APPLICATION_SUMMARY, id=application_id)
    if application is None:
        return
    planned = plan(_facts(system, application), system.now)
    stored = {
        (row.interview_id, row.guide_step): row
        for row in system.all(STEPS_OF_APPLICATION, application_id=application_id)
    }
    for key, row in stored.items():
        if row.state is StepState.OPEN:
            _update(system, row, planned, key)
    missing = {key: due_at for key, due_at in planned.due.items() if key not in stored}
    _add(system, application, missing)
    changed = [
        due_at
        for key, due_at in planned.due.items()
        if key not in stored or stored[key].due_at != due_at
    ]
    if changed:
        system.enqueue(DUE_STEPS, at=min(changed))


def _update(session: WriteSession, row: StepRecord, planned: Plan, key: Key) -> None:
    if key in planned.fulfilled:
        state = STEP.next_state(row.state, Move.COMPLETE)
        session.update(StepRow, row, state=state, closed_at=session.now)
    elif key not in planned.due:
        session.delete(StepRow, row)
    elif row.due_at != planned.due[key]:
        # A step that moves into the future is published again when it is due.
        due_at = planned.due[key]
        announced_at = row.announced_at if due_at <= session.now else None
        session.update(StepRow, row, due_at=due_at, announced_at=announced_at)


def _add(
    session: WriteSession, application: ApplicationSummary, missing: Mapping[Key, datetime]
) -> None:
    session.add_all(
        StepRow,
        [
            {
                "candidate_id": application.candidate_id,
                "application_id": application.id,
                "interview_id": interview_id,
                "guide_step": step_id,
                "due_at": due_at,
                "state": StepState.OPEN,
                "closed_at": None,
                "announced_at": None,
            }
            for (interview_id, step_id), due_at in missing.items()
        ],
    )


def _facts(session: ReadSession, application: ApplicationSummary) -> ApplicationFacts:
    interviews = session.all(INTERVIEW_FACTS, application_id=application.id)
    references = session.all(REFERENCE_FACTS, application_id=application.id)
    return ApplicationFacts(
        status=application.status,
        closed_at=application.outcome_recorded_at,
        interviews=tuple(_interview_facts(row) for row in interviews),
        references=_reference_facts(references),
    )


def _interview_facts(row: InterviewFactsRecord) -> InterviewFacts:
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


def _reference_facts(rows: Sequence[ReferenceFactsRecord]) -> ReferenceFacts:
    given = [row.given_at for row in rows if row.state is ReferenceState.GIVEN and row.given_at]
    states = {row.state for row in rows}
    return ReferenceFacts(
        has_any=bool(rows),
        are_warned=bool(rows) and all(row.warned_at for row in rows),
        given_at=min(given, default=None),
        are_thanked=ReferenceState.THANKED in states and not given,
    )
