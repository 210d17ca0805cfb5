"""Every query over assessments."""

from sqlalchemy import bindparam, select

from app.core.persistence.tenancy import TenantQuery
from app.reflection.assessments.models import AssessmentRow

_COLUMNS = AssessmentRow.data_columns()

ASSESSMENT = TenantQuery(
    AssessmentRow,
    select(*_COLUMNS).where(AssessmentRow.application_id == bindparam("application_id")),
)
