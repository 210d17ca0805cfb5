"""The table of assessments."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import CandidateOwned, primary_id, references
from app.core.persistence.types import Id, Json
from app.kit.ids import ApplicationId


class AssessmentRow(CandidateOwned):
    """One candidate's answers about one role; nobody else ever sees them."""

    __tablename__ = "assessments"
    __table_args__ = (
        references("members", "candidate_id"),
        references("applications", "application_id"),
        Index("uq_assessments_application", "workspace_id", "application_id", unique=True),
    )
    id_prefix = "asm"

    id: Mapped[str] = primary_id("asm")
    application_id: Mapped[ApplicationId] = mapped_column(Id("app"))
    questionnaire_version: Mapped[str]
    answers: Mapped[dict[str, Any]] = mapped_column(Json)
    own_score: Mapped[int | None]
    assessed_at: Mapped[datetime]
