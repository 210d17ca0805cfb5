"""Queries over steps, and over the records on which they depend."""

from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import and_, bindparam, or_, select

from app.core.http.pagination import KeysetQuery, Order, keyset_query
from app.core.persistence.tenancy import TenantQuery, on_same_workspace
from app.core.persistence.types import UtcDateTime
from app.guidance.steps.lifecycle import StepState
from app.guidance.steps.models import StepRow
from app.kit.ids import ApplicationId, InterviewId, MemberId, StepId
from app.reflection.debriefs.models import SignalSheetRow
from app.reflection.feedback.lifecycle import Direction, FeedbackState
from app.reflection.feedback.models import FeedbackRequestRow, FeedbackRow
from app.tracking.interviews.lifecycle import Format, InterviewState
from app.tracking.interviews.models import InterviewRow
from app.tracking.references.lifecycle import ReferenceState
from app.tracking.references.models import ReferenceRow


class StepRecord(NamedTuple):
    """A step, and whether it is overdue now."""

    id: StepId
    candidate_id: MemberId
    application_id: ApplicationId
    interview_id: InterviewId | None
    guide_step: str
    due_at: datetime
    state: StepState
    closed_at: datetime | None
    announced_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    is_overdue: bool


class InterviewFactsRecord(NamedTuple):
    """An interview, with its records as far as steps depend on them."""

    id: InterviewId
    format: Format
    state: InterviewState
    starts_at: datetime
    ended_at: datetime | None
    answer_expected_on: date | None
    answered_at: datetime | None
    has_asked: bool
    has_signals: bool
    has_reported: bool
    heard_at: datetime | None


class ReferenceFactsRecord(NamedTuple):
    """The progress of a reference."""

    state: ReferenceState
    warned_at: datetime | None
    given_at: datetime | None


_NOW = bindparam("now", type_=UtcDateTime())
_is_open = StepRow.state == StepState.OPEN
_is_due = StepRow.due_at <= _NOW
_STEPS = select(
    *(getattr(StepRow, name) for name in StepRecord._fields if name != "is_overdue"),
    and_(_is_open, _is_due).label("is_overdue"),
)
_UNANNOUNCED = _STEPS.where(_is_open, StepRow.announced_at.is_(None))

STEP_BY_ID = TenantQuery(StepRow, StepRecord, _STEPS.where(StepRow.id == bindparam("id")))

STEPS_OF_APPLICATION = TenantQuery(
    StepRow, StepRecord, _STEPS.where(StepRow.application_id == bindparam("application_id"))
)

STEPS_TO_ANNOUNCE = TenantQuery(
    StepRow,
    StepRecord,
    _UNANNOUNCED.where(_is_due).order_by(StepRow.due_at, StepRow.id).limit(bindparam("limit")),
)

NEXT_TO_ANNOUNCE = TenantQuery(
    StepRow,
    StepRecord,
    _UNANNOUNCED.order_by(StepRow.due_at, StepRow.id).limit(bindparam("limit")),
)

_FEEDBACK_OF_INTERVIEW = select(FeedbackRow.created_at).where(
    FeedbackRow.workspace_id == InterviewRow.workspace_id,
    FeedbackRow.interview_id == InterviewRow.id,
)
_has_reported = _FEEDBACK_OF_INTERVIEW.where(
    FeedbackRow.state == FeedbackState.SENT,
    FeedbackRow.direction == Direction.CANDIDATE_TO_RECRUITER,
).exists()
_HEARD_AT = (
    _FEEDBACK_OF_INTERVIEW.where(
        FeedbackRow.state == FeedbackState.RECEIVED,
        # OR instead of IN: the text of an IN list is rendered at each execution.
        or_(
            *(
                FeedbackRow.direction == direction
                for direction in Direction
                if direction.is_for_candidate
            )
        ),
    )
    .order_by(FeedbackRow.created_at)
    .limit(1)
    .scalar_subquery()
)

# One statement, because it runs after every event of an application.
INTERVIEW_FACTS = TenantQuery(
    InterviewRow,
    InterviewFactsRecord,
    select(
        InterviewRow.id,
        InterviewRow.format,
        InterviewRow.state,
        InterviewRow.starts_at,
        InterviewRow.ended_at,
        FeedbackRequestRow.answer_expected_on,
        FeedbackRequestRow.answered_at,
        FeedbackRequestRow.id.is_not(None).label("has_asked"),
        SignalSheetRow.id.is_not(None).label("has_signals"),
        _has_reported.label("has_reported"),
        _HEARD_AT.label("heard_at"),
    )
    .select_from(InterviewRow)
    .outerjoin(
        FeedbackRequestRow,
        on_same_workspace(
            InterviewRow, FeedbackRequestRow, FeedbackRequestRow.interview_id == InterviewRow.id
        ),
    )
    .outerjoin(
        SignalSheetRow,
        on_same_workspace(
            InterviewRow, SignalSheetRow, SignalSheetRow.interview_id == InterviewRow.id
        ),
    )
    .where(InterviewRow.application_id == bindparam("application_id")),
)

REFERENCE_FACTS = TenantQuery(
    ReferenceRow,
    ReferenceFactsRecord,
    select(*ReferenceRow.columns_of(ReferenceFactsRecord)).where(
        ReferenceRow.application_id == bindparam("application_id")
    ),
)


@cache
def steps(filters: frozenset[str], due: str | None) -> KeysetQuery[StepRecord]:
    """Return the list with these filters, ordered by due time.

    `due` is `now` or `later`: only open steps that are due by the parameter `now`, or after it.
    """
    criteria = [getattr(StepRow, name) == bindparam(name) for name in sorted(filters)]
    if due:
        criteria.append(_is_open)
    by_due = {None: [], "now": [_is_due], "later": [StepRow.due_at > _NOW]}[due]
    order = Order(StepRow.due_at)
    query = keyset_query(StepRow, StepRecord, _STEPS.where(*criteria, *by_due), order)
    if due != "later":
        return query
    # A step that becomes due during a walk stays in it: it was later when the walk began.
    onwards = keyset_query(StepRow, StepRecord, _STEPS.where(*criteria), order)
    return replace(query, after=onwards.after)
