"""Every query over assessments."""

from typing import Any

from sqlalchemy import bindparam, select

from app.assessments.models import AssessmentRow
from app.core.tenancy import Query

_COLUMNS: list[Any] = [
    column for column in AssessmentRow.__table__.columns if column.name != "workspace_id"
]

ASSESSMENT = Query(
    AssessmentRow,
    select(*_COLUMNS).where(AssessmentRow.application_id == bindparam("application_id")),
)
