"""Every query over assessments."""

from sqlalchemy import bindparam, select

from app.core.persistence.tenancy import Query
from app.reflection.assessments.models import AssessmentRow

_COLUMNS = AssessmentRow.all_but_workspace()

ASSESSMENT = Query(
    AssessmentRow,
    select(*_COLUMNS).where(AssessmentRow.application_id == bindparam("application_id")),
)
