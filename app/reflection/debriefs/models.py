"""Tables of observed signals, and of those that are released to the recruiter."""

from typing import Any

from sqlalchemy import ColumnElement, Index, bindparam, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import CandidateModel, id_column, tenant_foreign_key
from app.core.persistence.types import Json, TypeIdType
from app.kit.ids import ApplicationId, InterviewId
from app.tracking.interviews.models import InterviewRow


class SignalSheetRow(CandidateModel):
    """The signals that the candidate observed in one interview; private to the candidate.

    One row per interview: the sheet is written and read as a whole, and the
    estimate of an application reads all its sheets in one statement.
    """

    __tablename__ = "signal_sheets"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("applications", "application_id"),
        tenant_foreign_key("interviews", "interview_id"),
        Index("uq_signal_sheets_interview", "workspace_id", "interview_id", unique=True),
        Index("ix_signal_sheets_application", "workspace_id", "application_id"),
    )
    id_prefix = "sig"

    id: Mapped[str] = id_column("sig")
    application_id: Mapped[ApplicationId] = mapped_column(TypeIdType("app"))
    interview_id: Mapped[InterviewId] = mapped_column(TypeIdType("int"))
    signals: Mapped[dict[str, Any]] = mapped_column(Json)
    notes: Mapped[dict[str, Any]] = mapped_column(Json)


class SignalReleaseRow(CandidateModel):
    """The names of the signals of one interview that the recruiter may read.

    The levels stay on the private sheet, so that the recruiter always reads the current ones.
    """

    __tablename__ = "signal_releases"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("interviews", "interview_id"),
        Index("uq_signal_releases_interview", "workspace_id", "interview_id", unique=True),
    )
    id_prefix = "rls"

    id: Mapped[str] = id_column("rls")
    interview_id: Mapped[InterviewId] = mapped_column(TypeIdType("int"))
    signals: Mapped[list[str]] = mapped_column(Json)

    @classmethod
    def recruiter_filter(cls) -> ColumnElement[bool]:
        """Return the filter for releases of interviews that this recruiter may see."""
        visible = select(InterviewRow.workspace_id, InterviewRow.id).where(
            InterviewRow.workspace_id == bindparam("workspace_id"), InterviewRow.recruiter_filter()
        )
        return tuple_(cls.workspace_id, cls.interview_id).in_(visible)
