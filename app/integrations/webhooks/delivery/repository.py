"""Queries over deliveries, attempts and replays."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from app.core.http.pagination import KeysetQuery, Order, keyset_query
from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import TenantQuery, on_same_workspace
from app.core.persistence.types import TypeIdType, UtcDateTime
from app.integrations.events.catalogue import UNICAST_EVENTS
from app.integrations.webhooks.delivery.lifecycle import DeliveryState, DeliveryTrigger, ReplayState
from app.integrations.webhooks.delivery.models import AttemptRow, DeliveryRow, ReplayRow
from app.integrations.webhooks.delivery.results import FailureKind
from app.kit.ids import DeliveryId, EndpointId, EventId, MemberId, ReplayId


class DeliveryRecord(NamedTuple):
    """A delivery, with the type of its event."""

    id: DeliveryId
    endpoint_id: EndpointId
    event_id: EventId
    trigger: DeliveryTrigger
    state: DeliveryState
    attempt_count: int
    due_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime
    version: int
    event_type: str


class DueDelivery(NamedTuple):
    """A delivery that is due, with its event."""

    id: DeliveryId
    attempt_count: int
    event_id: EventId
    name: str
    subject: str
    sequence: int
    recruiter_sequence: int | None
    schema_version: int
    payload: dict[str, Any]
    occurred_at: datetime


class NextDue(NamedTuple):
    """When the next delivery to an endpoint is due; None when there is none."""

    due_at: datetime | None


class AttemptRecord(NamedTuple):
    """One attempt at a delivery."""

    status: int | None
    failure: FailureKind | None
    duration_ms: int
    response_excerpt: str
    created_at: datetime


class ReplayRecord(NamedTuple):
    """A replay, and how much of it is done."""

    id: ReplayId
    member_id: MemberId
    endpoint_id: EndpointId
    since: datetime
    until: datetime
    event_types: list[str] | None
    only_undelivered: bool
    state: ReplayState
    event_position: int
    scanned_count: int
    replayed_count: int
    created_at: datetime
    updated_at: datetime
    version: int


class ReplayCandidate(NamedTuple):
    """An event in the range of a replay."""

    id: EventId
    position: int
    name: str
    was_delivered: bool


# --- deliveries -------------------------------------------------------------

_WITH_EVENT = on_same_workspace(DeliveryRow, EventRow, EventRow.id == DeliveryRow.event_id)

_DELIVERIES = (
    select(
        *(getattr(DeliveryRow, name) for name in DeliveryRecord._fields[:-1]),
        EventRow.name.label("event_type"),
    )
    .select_from(DeliveryRow)
    .join(EventRow, _WITH_EVENT)
)

DELIVERY_BY_ID = TenantQuery(
    DeliveryRow, DeliveryRecord, _DELIVERIES.where(DeliveryRow.id == bindparam("id"))
)


@cache
def deliveries(*, by_state: bool) -> KeysetQuery[DeliveryRecord]:
    """Return the deliveries to an endpoint, the newest first."""
    criteria = [DeliveryRow.endpoint_id == bindparam("endpoint_id")]
    if by_state:
        criteria.append(DeliveryRow.state == bindparam("state"))
    newest_first = Order(DeliveryRow.id, descending=True)
    return keyset_query(DeliveryRow, DeliveryRecord, _DELIVERIES.where(*criteria), newest_first)


DUE_DELIVERIES = TenantQuery(
    DeliveryRow,
    DueDelivery,
    select(
        DeliveryRow.id,
        DeliveryRow.attempt_count,
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
    .join(EventRow, _WITH_EVENT)
    .where(
        DeliveryRow.endpoint_id == bindparam("endpoint_id"),
        DeliveryRow.due_at <= bindparam("now", type_=UtcDateTime()),
    )
    .order_by(DeliveryRow.due_at, DeliveryRow.id)
    .limit(bindparam("limit")),
)

NEXT_DUE = TenantQuery(
    DeliveryRow,
    NextDue,
    select(func.min(DeliveryRow.due_at).label("due_at")).where(
        DeliveryRow.endpoint_id == bindparam("endpoint_id"), DeliveryRow.due_at.is_not(None)
    ),
)

ATTEMPTS_OF = TenantQuery(
    AttemptRow,
    AttemptRecord,
    select(*AttemptRow.columns_of(AttemptRecord))
    .where(AttemptRow.delivery_id == bindparam("delivery_id"))
    .order_by(AttemptRow.id),
)

# --- replays ----------------------------------------------------------------

REPLAY_BY_ID = TenantQuery(
    ReplayRow,
    ReplayRecord,
    select(*ReplayRow.columns_of(ReplayRecord)).where(ReplayRow.id == bindparam("id")),
)

_DELIVERED = aliased(DeliveryRow, name="delivered")
_UNICAST = tuple(name.value for name in UNICAST_EVENTS)

EVENTS_TO_REPLAY = TenantQuery(
    EventRow,
    ReplayCandidate,
    select(
        EventRow.id,
        EventRow.position,
        EventRow.name,
        exists()
        .where(
            _DELIVERED.workspace_id == EventRow.workspace_id,
            _DELIVERED.event_id == EventRow.id,
            _DELIVERED.endpoint_id == bindparam("endpoint_id", type_=TypeIdType("whe")),
            _DELIVERED.state == DeliveryState.DELIVERED,
        )
        .label("was_delivered"),
    )
    .where(
        EventRow.position > bindparam("after"),
        EventRow.created_at >= bindparam("since", type_=UtcDateTime()),
        EventRow.created_at <= bindparam("until", type_=UtcDateTime()),
        not_(EventRow.name.in_(_UNICAST)),
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
