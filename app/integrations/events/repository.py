"""Queries over events."""

from functools import cache
from typing import Any

from sqlalchemy import bindparam, select

from app.core.http.pagination import KeysetQuery, Order, keyset_query
from app.core.messaging.outbox import EventRecord, EventRow, Position
from app.core.persistence.tenancy import TenantQuery

# An expired event from which sequence numbers continue has a negative position, and is not shown.
_is_visible = EventRow.position > 0

_FILTERS: dict[str, Any] = {
    "type": EventRow.name == bindparam("type"),
    "subject": EventRow.subject == bindparam("subject"),
}


@cache
def events(filters: frozenset[str]) -> KeysetQuery[EventRecord]:
    """Return the list query of events with these filters, in the order of their commits."""
    criteria = [_is_visible, *(_FILTERS[name] for name in sorted(filters))]
    return keyset_query(
        EventRow,
        EventRecord,
        select(*EventRow.columns_of(EventRecord)).where(*criteria),
        Order(EventRow.position),
    )


POSITION_OF_EVENT = TenantQuery(
    EventRow,
    Position,
    select(EventRow.position).where(EventRow.id == bindparam("id"), _is_visible),
)
