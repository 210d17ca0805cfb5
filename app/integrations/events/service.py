"""The event feed."""

from functools import partial

from app.core.http.pagination import fetch_page
from app.core.http.schemas import Page
from app.core.unit_of_work.session import ReadSession
from app.integrations.events import presenters
from app.integrations.events.catalogue import EventType
from app.integrations.events.repository import events
from app.integrations.events.schemas import Event


def feed(
    work: ReadSession, type_: EventType | None, subject: str | None, limit: int, cursor: str | None
) -> Page[Event]:
    """Show what happened, the oldest first; the cursor of the last page leads on to what is new."""
    filters = {"type": type_, "subject": subject}
    given = {name: str(value) for name, value in filters.items() if value is not None}
    return fetch_page(
        work,
        events(frozenset(given)),
        partial(presenters.events, work.caller.role),
        filters=given,
        limit=limit,
        cursor=cursor,
        is_feed=True,
    )
