"""Every query over events, endpoints, deliveries, attempts and replays."""

from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import MemberRow
from app.core.facts import EventRow
from app.core.models import Id, Instant
from app.core.paging import Order, Paged, paged
from app.core.tenancy import Query
from app.webhooks.catalogue import ADDRESSED
from app.webhooks.lifecycle import DeliveryState, EndpointState
from app.webhooks.models import AttemptRow, DeliveryRow, EndpointRow, ReplayRow

_EVENT = EventRow.all_but_workspace()
_ENDPOINT = EndpointRow.all_but_workspace()
_REPLAY = ReplayRow.all_but_workspace()
_DELIVERY: list[Any] = [*DeliveryRow.all_but_workspace(), EventRow.name.label("event_name")]
_ADDRESSED = tuple(name.value for name in ADDRESSED)

# --- events -----------------------------------------------------------------

_IN_SIGHT = EventRow.position > 0  # else it is kept to count on from, and nothing else

_FILTERS: dict[str, Any] = {
    "type": EventRow.name == bindparam("type"),
    "subject": EventRow.subject == bindparam("subject"),
}


@cache
def events(filters: frozenset[str]) -> Paged[EventRow]:
    """Return the list of events with these filters, in the order in which they were committed."""
    criteria = [_IN_SIGHT, *(_FILTERS[name] for name in sorted(filters))]
    return paged(EventRow, select(*_EVENT).where(*criteria), Order(EventRow.position))


EVENT_BY_ID = Query(
    EventRow, select(EventRow.position).where(EventRow.id == bindparam("id"), _IN_SIGHT)
)

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

DELIVERY_BY_ID = Query(DeliveryRow, _DELIVERIES.where(DeliveryRow.id == bindparam("id")))


@cache
def deliveries(*, by_state: bool) -> Paged[DeliveryRow]:
    """Return the deliveries to an endpoint, the newest first."""
    criteria = [DeliveryRow.endpoint_id == bindparam("endpoint_id")]
    if by_state:
        criteria.append(DeliveryRow.state == bindparam("state"))
    newest_first = Order(DeliveryRow.id, descending=True)
    return paged(DeliveryRow, _DELIVERIES.where(*criteria), newest_first)


DUE_DELIVERIES = Query(
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
        DeliveryRow.due_at <= bindparam("now", type_=Instant()),
    )
    .order_by(DeliveryRow.due_at, DeliveryRow.id)
    .limit(bindparam("limit")),
)

NEXT_DUE = Query(
    DeliveryRow,
    select(func.min(DeliveryRow.due_at).label("due_at")).where(
        DeliveryRow.endpoint_id == bindparam("endpoint_id"), DeliveryRow.due_at.is_not(None)
    ),
)

ATTEMPTS_OF = Query(
    AttemptRow,
    select(*AttemptRow.all_but_workspace())
    .where(AttemptRow.delivery_id == bindparam("delivery_id"))
    .order_by(AttemptRow.id),
)

# --- replays ----------------------------------------------------------------

REPLAY_BY_ID = Query(ReplayRow, select(*_REPLAY).where(ReplayRow.id == bindparam("id")))

_DELIVERED = aliased(DeliveryRow, name="delivered")

EVENTS_TO_REPLAY = Query(
    EventRow,
    select(
        EventRow.id,
        EventRow.position,
        EventRow.name,
        exists()
        .where(
            _DELIVERED.workspace_id == EventRow.workspace_id,
            _DELIVERED.event_id == EventRow.id,
            _DELIVERED.endpoint_id == bindparam("endpoint_id", type_=Id("whe")),
            _DELIVERED.state == DeliveryState.DELIVERED.value,
        )
        .label("was_delivered"),
    )
    .where(
        EventRow.position > bindparam("after"),
        EventRow.created_at >= bindparam("since", type_=Instant()),
        EventRow.created_at <= bindparam("until", type_=Instant()),
        not_(EventRow.name.in_(_ADDRESSED)),
        or_(
            EventRow.candidate_id == bindparam("owner", type_=Id("mem")),
            and_(
                EventRow.recruiter_id == bindparam("owner", type_=Id("mem")),
                not_(EventRow.is_private),
            ),
        ),
    )
    .order_by(EventRow.position)
    .limit(bindparam("limit")),
)
