"""Tables of feedback and of feedback requests."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, Index, and_, bindparam, or_, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import CandidateModel, id_column, tenant_foreign_key
from app.core.persistence.types import TypeIdType
from app.kit.ids import FeedbackId, InterviewId, MemberId
from app.reflection.feedback.lifecycle import Audience, Direction, FeedbackState
from app.tracking.interviews.models import InterviewRow


class FeedbackRow(CandidateModel):
    """A message about one interview."""

    __tablename__ = "feedback"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("members", "written_by", on_delete="NO ACTION"),
        tenant_foreign_key("interviews", "interview_id"),
        Index("ix_feedback_interview", "workspace_id", "interview_id", "id"),
    )
    id_prefix = "fb"

    id: Mapped[FeedbackId] = id_column("fb")
    interview_id: Mapped[InterviewId] = mapped_column(TypeIdType("int"))
    written_by: Mapped[MemberId] = mapped_column(TypeIdType("mem"))
    direction: Mapped[Direction]
    audience: Mapped[Audience]
    state: Mapped[FeedbackState]
    text: Mapped[str]
    sent_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    minutes_after_interview: Mapped[int | None]

    @classmethod
    def recruiter_filter(cls) -> ColumnElement[bool]:
        """Return the filter for feedback that was sent or received: no drafts, nothing private."""
        return and_(
            or_(cls.audience == Audience.RECRUITER, cls.audience == Audience.COMPANY),
            or_(cls.state == FeedbackState.SENT, cls.state == FeedbackState.RECEIVED),
            InterviewRow.recruiter_filter(),
        )


class FeedbackRequestRow(CandidateModel):
    """A candidate's request for feedback on one interview, which the recruiter may see.

    `openly_answered_at` is the time of the first answer that is not private to the candidate.
    """

    __tablename__ = "feedback_requests"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("interviews", "interview_id"),
        Index("uq_feedback_requests_interview", "workspace_id", "interview_id", unique=True),
    )
    id_prefix = "frq"

    id: Mapped[str] = id_column("frq")
    interview_id: Mapped[InterviewId] = mapped_column(TypeIdType("int"))
    answer_expected_on: Mapped[date | None]
    note: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    openly_answered_at: Mapped[datetime | None]

    @classmethod
    def recruiter_filter(cls) -> ColumnElement[bool]:
        """Return the filter for requests about interviews that this recruiter may see."""
        visible = select(InterviewRow.workspace_id, InterviewRow.id).where(
            InterviewRow.workspace_id == bindparam("workspace_id"), InterviewRow.recruiter_filter()
        )
        return tuple_(cls.workspace_id, cls.interview_id).in_(visible)
