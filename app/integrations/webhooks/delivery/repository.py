"""Queries over deliveries, attempts and replays."""

from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from app.core.http.pagination import KeysetQuery, Order, keyset_query
from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import TenantQuery
from app.core.persistence.types import TypeIdType, UtcDateTime
from app.integrations.events.catalogue import UNICAST_EVENTS
from app.integrations.webhooks.delivery.lifecycle import DeliveryState
from app.integrations.webhooks.delivery.models import AttemptRow, DeliveryRow, ReplayRow

_REPLAY = ReplayRow.data_columns()
_DELIVERY: list[Any] = [*DeliveryRow.data_columns(), EventRow.name.label("event_name")]
_ADDRESSED = tuple(name.value for name in UNICAST_EVENTS)

# --- deliveries -------------------------------------------------------------

_DELIVERIES = (
    select(*_DELIVERY)
    .select_from(DeliveryRow)
    .join(
        EventRow,
        and_(
            EventRow.workspace_id == DeliveryRow.workspace_id, EventRow.id == DeliveryRow.event_id
        ),
    )
)

DELIVERY_BY_ID = TenantQuery(DeliveryRow, _DELIVERIES.where(DeliveryRow.id == bindparam("id")))


@cache
def deliveries(*, by_state: bool) -> KeysetQuery[DeliveryRow]:
    """Return the deliveries to an endpoint, the newest first."""
    criteria = [DeliveryRow.endpoint_id == bindparam("endpoint_id")]
    if by_state:
        criteria.append(DeliveryRow.state == bindparam("state"))
    newest_first = Order(DeliveryRow.id, descending=True)
    return keyset_query(DeliveryRow, _DELIVERIES.where(*criteria), newest_first)


DUE_DELIVERIES = TenantQuery(
    DeliveryRow,
    select(
        DeliveryRow.id,
        DeliveryRow.attempts_made,
        DeliveryRow.event_id,
        EventRow.name,
        EventRow.subject,
        EventRow.sequence,
        EventRow.recruiter_sequence,
        EventRow.schema_version,
        EventRow.payload,
        EventRow.created_at.label("occurred_at"),
    )
    .select_from(DeliveryRow)
    .join(
        EventRow,
        and_(
            EventRow.workspace_id == DeliveryRow.workspace_id, EventRow.id == DeliveryRow.event_id
        ),
    )
    .where(
        DeliveryRow.endpoint_id == bindparam("endpoint_id"),
        DeliveryRow.due_at <= bindparam("now", type_=UtcDateTime()),
    )
    .order_by(DeliveryRow.due_at, DeliveryRow.id)
    .limit(bindparam("limit")),
)

NEXT_DUE = TenantQuery(
    DeliveryRow,
    select(func.min(DeliveryRow.due_at).label("due_at")).where(
        DeliveryRow.endpoint_id == bindparam("endpoint_id"), DeliveryRow.due_at.is_not(None)
    ),
)

ATTEMPTS_OF = TenantQuery(
    AttemptRow,
    select(*AttemptRow.data_columns())
    .where(AttemptRow.delivery_id == bindparam("delivery_id"))
    .order_by(AttemptRow.id),
)

# --- replays ----------------------------------------------------------------

REPLAY_BY_ID = TenantQuery(ReplayRow, select(*_REPLAY).where(ReplayRow.id == bindparam("id")))

_DELIVERED = aliased(DeliveryRow, name="delivered")

EVENTS_TO_REPLAY = TenantQuery(
    EventRow,
    select(
        EventRow.id,
        EventRow.position,
        EventRow.name,
        exists()
        .where(
            _DELIVERED.workspace_id == EventRow.workspace_id,
            _DELIVERED.event_id == EventRow.id,
            _DELIVERED.endpoint_id == bindparam("endpoint_id", type_=TypeIdType("whe")),
            _DELIVERED.state == DeliveryState.DELIVERED.value,
        )
        .label("was_delivered"),
    )
    .where(
        EventRow.position > bindparam("after"),
        EventRow.created_at >= bindparam("since", type_=UtcDateTime()),
        EventRow.created_at <= bindparam("until", type_=UtcDateTime()),
        not_(EventRow.name.in_(_ADDRESSED)),
        or_(
            EventRow.candidate_id == bindparam("owner", type_=TypeIdType("mem")),
            and_(
                EventRow.recruiter_id == bindparam("owner", type_=TypeIdType("mem")),
                not_(EventRow.is_private),
            ),
        ),
    )
    .order_by(EventRow.position)
    .limit(bindparam("limit")),
)
