"""Queries over feedback and feedback requests."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select

from app.core.http.pagination import Order, keyset_query
from app.core.persistence.tenancy import TenantQuery, on_same_workspace
from app.kit.ids import FeedbackId, InterviewId, MemberId
from app.reflection.feedback.lifecycle import Audience, Direction, FeedbackState
from app.reflection.feedback.models import FeedbackRequestRow, FeedbackRow
from app.tracking.interviews.models import InterviewRow


class FeedbackRecord(NamedTuple):
    """A piece of feedback."""

    id: FeedbackId
    candidate_id: MemberId
    interview_id: InterviewId
    written_by: MemberId
    direction: Direction
    audience: Audience
    state: FeedbackState
    text: str
    sent_at: datetime | None
    acknowledged_at: datetime | None
    minutes_after_interview: int | None
    created_at: datetime
    updated_at: datetime
    version: int


class FeedbackRequestRecord(NamedTuple):
    """A feedback request, and when it was answered."""

    id: str
    interview_id: InterviewId
    answer_expected_on: date | None
    note: str | None
    answered_at: datetime | None
    openly_answered_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


_COLUMNS = FeedbackRow.columns_of(FeedbackRecord)

# Joined to the interview, whose recruiter filter decides what a recruiter may see.
_FEEDBACK = (
    select(*_COLUMNS)
    .select_from(FeedbackRow)
    .join(
        InterviewRow,
        on_same_workspace(FeedbackRow, InterviewRow, InterviewRow.id == FeedbackRow.interview_id),
    )
)

FEEDBACK_BY_ID = TenantQuery(
    FeedbackRow, FeedbackRecord, _FEEDBACK.where(FeedbackRow.id == bindparam("id"))
)

FEEDBACK_OF_INTERVIEW = keyset_query(
    FeedbackRow,
    FeedbackRecord,
    _FEEDBACK.where(FeedbackRow.interview_id == bindparam("interview_id")),
    Order(FeedbackRow.id),
)

ALL_OF_INTERVIEW = TenantQuery(
    FeedbackRow,
    FeedbackRecord,
    select(*_COLUMNS).where(FeedbackRow.interview_id == bindparam("interview_id")),
)

REQUEST_OF_INTERVIEW = TenantQuery(
    FeedbackRequestRow,
    FeedbackRequestRecord,
    select(*FeedbackRequestRow.columns_of(FeedbackRequestRecord)).where(
        FeedbackRequestRow.interview_id == bindparam("interview_id")
    ),
)
