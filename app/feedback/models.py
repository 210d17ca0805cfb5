"""The table of feedback."""

from datetime import datetime

from sqlalchemy import ColumnElement, Index, and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import CandidateOwned, Id, primary_id, references
from app.interviews.models import InterviewRow
from app.kit.ids import FeedbackId, InterviewId, MemberId


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
