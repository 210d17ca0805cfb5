"""Every query over events, endpoints, deliveries, attempts and replays."""

from sqlalchemy import and_, bindparam, func, select

from app.accounts.models import MemberRow
from app.core.http.pagination import Order, paged
from app.core.persistence.tenancy import Query
from app.integrations.webhooks.subscriptions.lifecycle import EndpointState
from app.integrations.webhooks.subscriptions.models import EndpointRow

_ENDPOINT = EndpointRow.all_but_workspace()

# --- endpoints --------------------------------------------------------------

ENDPOINT_BY_ID = Query(EndpointRow, select(*_ENDPOINT).where(EndpointRow.id == bindparam("id")))

ENDPOINTS = paged(EndpointRow, select(*_ENDPOINT), Order(EndpointRow.id))

ENDPOINT_COUNT = Query(EndpointRow, select(func.count().label("number")).select_from(EndpointRow))

ENDPOINT_WITH_OWNER = Query(
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

LISTENING = Query(
    EndpointRow,
    select(EndpointRow.id, EndpointRow.member_id, EndpointRow.types).where(
        EndpointRow.state != EndpointState.DISABLED.value
    ),
)
