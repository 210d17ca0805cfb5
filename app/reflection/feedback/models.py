"""Tables of feedback, and of what was asked for."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, Index, and_, bindparam, or_, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import CandidateOwned, primary_id, references
from app.core.persistence.types import Id
from app.kit.ids import FeedbackId, InterviewId, MemberId
from app.tracking.interviews.models import InterviewRow


class FeedbackRow(CandidateOwned):
    """A message about one interview."""

    __tablename__ = "feedback"
    __table_args__ = (
        references("members", "candidate_id"),
        references("members", "written_by", on_delete="NO ACTION"),
        references("interviews", "interview_id"),
        Index("ix_feedback_interview", "workspace_id", "interview_id", "id"),
    )
    id_prefix = "fb"

    id: Mapped[FeedbackId] = primary_id("fb")
    interview_id: Mapped[InterviewId] = mapped_column(Id("int"))
    written_by: Mapped[MemberId] = mapped_column(Id("mem"))
    direction: Mapped[str]
    audience: Mapped[str]
    state: Mapped[str]
    text: Mapped[str]
    sent_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    minutes_after_interview: Mapped[int | None]

    @classmethod
    def recruiter_sees(cls) -> ColumnElement[bool]:
        """Return what was sent to or given by a recruiter, never a draft and nothing private."""
        return and_(
            or_(cls.audience == "recruiter", cls.audience == "company"),
            or_(cls.state == "sent", cls.state == "received"),
            InterviewRow.recruiter_sees(),
        )


class FeedbackRequestRow(CandidateOwned):
    """That the candidate asked for feedback on one interview; a recruiter sees what was asked.

    `openly_answered_at` is when there first was an answer that is not private to the candidate.
    """

    __tablename__ = "feedback_requests"
    __table_args__ = (
        references("members", "candidate_id"),
        references("interviews", "interview_id"),
        Index("uq_feedback_requests_interview", "workspace_id", "interview_id", unique=True),
    )
    id_prefix = "frq"

    id: Mapped[str] = primary_id("frq")
    interview_id: Mapped[InterviewId] = mapped_column(Id("int"))
    answer_expected_on: Mapped[date | None]
    note: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    openly_answered_at: Mapped[datetime | None]

    @classmethod
    def recruiter_sees(cls) -> ColumnElement[bool]:
        """Return what was asked about the interviews that this recruiter sees."""
        seen = select(InterviewRow.workspace_id, InterviewRow.id).where(
            InterviewRow.workspace_id == bindparam("workspace_id"), InterviewRow.recruiter_sees()
        )
        return tuple_(cls.workspace_id, cls.interview_id).in_(seen)
