"""Table of assessments."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import CandidateModel, id_column, tenant_foreign_key
from app.core.persistence.types import Json, TypeIdType
from app.kit.ids import ApplicationId


class AssessmentRow(CandidateModel):
    """One candidate's answers about one role; private to the candidate."""

    __tablename__ = "assessments"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("applications", "application_id"),
        Index("uq_assessments_application", "workspace_id", "application_id", unique=True),
    )
    id_prefix = "asm"

    id: Mapped[str] = id_column("asm")
    application_id: Mapped[ApplicationId] = mapped_column(TypeIdType("app"))
    questionnaire_version: Mapped[str]
    answers: Mapped[dict[str, Any]] = mapped_column(Json)
    own_score: Mapped[int | None]
    assessed_at: Mapped[datetime]
