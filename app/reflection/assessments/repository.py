"""Queries over assessments."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from app.core.persistence.tenancy import TenantQuery
from app.reflection.assessments.models import AssessmentRow


class AssessmentRecord(NamedTuple):
    """A candidate's answers about one role."""

    id: str
    questionnaire_version: str
    answers: dict[str, Any]
    own_score: int | None
    updated_at: datetime
    version: int


ASSESSMENT = TenantQuery(
    AssessmentRow,
    AssessmentRecord,
    select(*AssessmentRow.columns_of(AssessmentRecord)).where(
        AssessmentRow.application_id == bindparam("application_id")
    ),
)
