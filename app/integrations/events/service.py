"""Event feed: lists events for polling."""

from app.core.http.pagination import fetch_page
from app.core.http.representations import ResourcePage
from app.core.messaging.outbox import EventRecord
from app.core.unit_of_work.session import ReadSession
from app.integrations.events.catalogue import EventType
from app.integrations.events.presenters import event_view
from app.integrations.events.repository import events


def list_(
    session: ReadSession,
    *,
    event_type: EventType | None,
    subject: str | None,
    limit: int,
    cursor: str | None,
) -> ResourcePage[EventRecord]:
    """Show events, oldest first; the cursor of the last page leads to what occurs later."""
    requested = {"type": event_type, "subject": subject}
    filters = {name: str(value) for name, value in requested.items() if value is not None}
    return fetch_page(
        session,
        events(frozenset(filters)),
        event_view(session.caller.role),
        filters=filters,
        limit=limit,
        cursor=cursor,
        is_feed=True,
    )
