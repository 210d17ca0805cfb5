"""From event rows to responses."""

from collections.abc import Sequence
from typing import Any

from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import Role
from app.integrations.events.schemas import Event


def sequence_for(role: Role, row: Any) -> int:  # noqa: ANN401 - an event, or one that is joined
    """Return which of the events about its subject this is, of those that this role is told of."""
    # Written by a version before this one, it has no number of the recruiter's own.
    counted: int = (role is Role.RECRUITER and row.recruiter_sequence) or row.sequence
    return counted


def event(role: Role, row: EventRow) -> Event:
    """Show an event to somebody of this role."""
    return Event(
        id=row.id,
        type=row.name,
        schema_version=row.schema_version,
        occurred_at=row.created_at,
        subject=row.subject,
        sequence=sequence_for(role, row),
        data=row.payload,
    )


def events(role: Role, rows: Sequence[EventRow]) -> list[Event]:
    """Show the events of one page to somebody of this role."""
    return [event(role, row) for row in rows]
