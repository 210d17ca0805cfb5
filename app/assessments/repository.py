"""Every query over assessments."""

from sqlalchemy import bindparam, select

from app.assessments.models import AssessmentRow
from app.core.tenancy import Query

_COLUMNS = AssessmentRow.all_but_workspace()

ASSESSMENT = Query(
    AssessmentRow,
    select(*_COLUMNS).where(AssessmentRow.application_id == bindparam("application_id")),
)
