"""The table of signals observed."""

from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import CandidateOwned, Id, Json, primary_id, references
from app.kit.ids import ApplicationId, InterviewId


class SignalSheetRow(CandidateOwned):
    """What the candidate observed in one interview; nobody else ever sees it.

    One row an interview: the sheet is written and read as a whole, and the
    estimate of an application reads all its sheets in one statement.
    """

    __tablename__ = "signal_sheets"
    __table_args__ = (
        references("members", "candidate_id"),
        references("applications", "application_id"),
        references("interviews", "interview_id"),
        Index("uq_signal_sheets_interview", "workspace_id", "interview_id", unique=True),
        Index("ix_signal_sheets_application", "workspace_id", "application_id"),
    )
    id_prefix = "sig"

    id: Mapped[str] = primary_id("sig")
    application_id: Mapped[ApplicationId] = mapped_column(Id("app"))
    interview_id: Mapped[InterviewId] = mapped_column(Id("int"))
    signals: Mapped[dict[str, Any]] = mapped_column(Json)
    notes: Mapped[dict[str, Any]] = mapped_column(Json)
