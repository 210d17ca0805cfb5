"""Every query over steps, and over what steps hang on."""

from dataclasses import replace
from functools import cache

from sqlalchemy import and_, bindparam, or_, select

from app.core.http.pagination import KeysetQuery, Order, keyset_query
from app.core.persistence.tenancy import TenantQuery
from app.core.persistence.types import UtcDateTime
from app.guidance.steps.lifecycle import StepState
from app.guidance.steps.models import StepRow
from app.reflection.debriefs.models import SignalSheetRow
from app.reflection.feedback.lifecycle import Direction, FeedbackState
from app.reflection.feedback.models import FeedbackRequestRow, FeedbackRow
from app.tracking.interviews.models import InterviewRow
from app.tracking.references.models import ReferenceRow

_COLUMNS = StepRow.data_columns()
_STEPS = select(*_COLUMNS)
_NOW = bindparam("now", type_=UtcDateTime())
_TO_ANNOUNCE = (StepRow.state == StepState.OPEN.value, StepRow.announced_at.is_(None))

STEP_BY_ID = TenantQuery(StepRow, _STEPS.where(StepRow.id == bindparam("id")))

STEPS_OF_APPLICATION = TenantQuery(
    StepRow, _STEPS.where(StepRow.application_id == bindparam("application_id"))
)

STEPS_TO_ANNOUNCE = TenantQuery(
    StepRow,
    _STEPS.where(*_TO_ANNOUNCE, StepRow.due_at <= _NOW)
    .order_by(StepRow.due_at, StepRow.id)
    .limit(bindparam("limit")),
)

NEXT_TO_ANNOUNCE = TenantQuery(
    StepRow,
    _STEPS.where(*_TO_ANNOUNCE).order_by(StepRow.due_at, StepRow.id).limit(bindparam("limit")),
)

_SAID = select(FeedbackRow.created_at).where(
    FeedbackRow.workspace_id == InterviewRow.workspace_id,
    FeedbackRow.interview_id == InterviewRow.id,
)
_REPORTED = _SAID.where(
    FeedbackRow.state == FeedbackState.SENT.value,
    FeedbackRow.direction == Direction.CANDIDATE_TO_RECRUITER.value,
).exists()
_HEARD_AT = (
    _SAID.where(
        FeedbackRow.state == FeedbackState.RECEIVED.value,
        # A list would be spelt out anew at each execution.
        or_(*(FeedbackRow.direction == each.value for each in Direction if each.is_for_candidate)),
    )
    .order_by(FeedbackRow.created_at)
    .limit(1)
    .scalar_subquery()
)

# The interviews of an application with what was said, asked and written about each, in one go:
# this is looked up whenever something happens.
INTERVIEW_FACTS = TenantQuery(
    InterviewRow,
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
        _REPORTED.label("has_reported"),
        _HEARD_AT.label("heard_at"),
    )
    .select_from(InterviewRow)
    .outerjoin(
        FeedbackRequestRow,
        and_(
            FeedbackRequestRow.workspace_id == InterviewRow.workspace_id,
            FeedbackRequestRow.interview_id == InterviewRow.id,
        ),
    )
    .outerjoin(
        SignalSheetRow,
        and_(
            SignalSheetRow.workspace_id == InterviewRow.workspace_id,
            SignalSheetRow.interview_id == InterviewRow.id,
        ),
    )
    .where(InterviewRow.application_id == bindparam("application_id")),
)

REFEREES_OF = TenantQuery(
    ReferenceRow,
    select(ReferenceRow.state, ReferenceRow.warned_at, ReferenceRow.given_at).where(
        ReferenceRow.application_id == bindparam("application_id")
    ),
)


@cache
def steps(filters: frozenset[str], due: str | None) -> KeysetQuery[StepRow]:
    """Return the list with these filters, by the time at which the steps are due.

    `due` is `now` or `later`: open steps alone, told apart by the parameter `now`.
    """
    criteria = [getattr(StepRow, name) == bindparam(name) for name in sorted(filters)]
    open_ = [StepRow.state == StepState.OPEN.value] if due else []
    is_due = {None: [], "now": [StepRow.due_at <= _NOW], "later": [StepRow.due_at > _NOW]}[due]
    order = Order(StepRow.due_at)
    walk = keyset_query(StepRow, _STEPS.where(*criteria, *open_, *is_due), order)
    if due != "later":
        return walk
    # What becomes due during a walk is passed by it all the same: it was later when it began.
    return replace(walk, after=keyset_query(StepRow, _STEPS.where(*criteria, *open_), order).after)
