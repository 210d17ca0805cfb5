"""Every query over estimates."""

from typing import Any

from sqlalchemy import bindparam, select

from app.core.paging import Order, paged
from app.core.tenancy import Query
from app.estimates.models import EstimateRow

_COLUMNS: list[Any] = [
    column for column in EstimateRow.__table__.columns if column.name != "workspace_id"
]

ESTIMATES = paged(
    EstimateRow,
    select(*_COLUMNS).where(EstimateRow.application_id == bindparam("application_id")),
    Order(EstimateRow.id, descending=True),
)

NEWEST_ESTIMATE = Query(
    EstimateRow,
    select(
        EstimateRow.id, EstimateRow.version, EstimateRow.inputs_digest, EstimateRow.model_version
    )
    .where(EstimateRow.application_id == bindparam("application_id"))
    .order_by(EstimateRow.id.desc())
    .limit(1),
)
