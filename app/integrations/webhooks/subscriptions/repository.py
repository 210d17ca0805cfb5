"""Every query over events, endpoints, deliveries, attempts and replays."""

from sqlalchemy import and_, bindparam, func, select

from app.accounts.models import MemberRow
from app.core.http.pagination import Order, keyset_query
from app.core.persistence.tenancy import TenantQuery
from app.integrations.webhooks.subscriptions.lifecycle import EndpointState
from app.integrations.webhooks.subscriptions.models import EndpointRow

_ENDPOINT = EndpointRow.data_columns()

# --- endpoints --------------------------------------------------------------

ENDPOINT_BY_ID = TenantQuery(
    EndpointRow, select(*_ENDPOINT).where(EndpointRow.id == bindparam("id"))
)

ENDPOINTS = keyset_query(EndpointRow, select(*_ENDPOINT), Order(EndpointRow.id))

ENDPOINT_COUNT = TenantQuery(
    EndpointRow, select(func.count().label("number")).select_from(EndpointRow)
)

ENDPOINT_WITH_OWNER = TenantQuery(
    EndpointRow,
    select(*_ENDPOINT, MemberRow.role.label("owner_role"))
    .select_from(EndpointRow)
    .join(
        MemberRow,
        and_(
            MemberRow.workspace_id == EndpointRow.workspace_id,
            MemberRow.id == EndpointRow.member_id,
        ),
    )
    .where(EndpointRow.id == bindparam("id")),
)

ENABLED_ENDPOINTS = TenantQuery(
    EndpointRow,
    select(EndpointRow.id, EndpointRow.member_id, EndpointRow.types).where(
        EndpointRow.state != EndpointState.DISABLED.value
    ),
)
