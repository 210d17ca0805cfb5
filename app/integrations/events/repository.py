"""Queries over events."""

from functools import cache
from typing import Any

from sqlalchemy import bindparam, select

from app.core.http.pagination import KeysetQuery, Order, keyset_query
from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import TenantQuery

_EVENT = EventRow.data_columns()

# --- events -----------------------------------------------------------------

_IN_SIGHT = EventRow.position > 0  # else it is kept to count on from, and nothing else

_FILTERS: dict[str, Any] = {
    "type": EventRow.name == bindparam("type"),
    "subject": EventRow.subject == bindparam("subject"),
}


@cache
def events(filters: frozenset[str]) -> KeysetQuery[EventRow]:
    """Return the list of events with these filters, in the order in which they were committed."""
    criteria = [_IN_SIGHT, *(_FILTERS[name] for name in sorted(filters))]
    return keyset_query(EventRow, select(*_EVENT).where(*criteria), Order(EventRow.position))


EVENT_BY_ID = TenantQuery(
    EventRow, select(EventRow.position).where(EventRow.id == bindparam("id"), _IN_SIGHT)
)
