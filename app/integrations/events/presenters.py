"""From event rows to responses."""

from typing import Protocol

from app.core.http.representations import JsonView
from app.core.messaging.outbox import EventRecord
from app.core.persistence.tenancy import Role
from app.integrations.events.schemas import Event


class Sequenced(Protocol):
    """An event with its sequence numbers."""

    @property
    def sequence(self) -> int:
        """The number among all events of the subject."""

    @property
    def recruiter_sequence(self) -> int | None:
        """The number among the events of the subject that the recruiter may see."""


def sequence_for(role: Role, row: Sequenced) -> int:
    """Return the number of an event among those of its subject that this role may see."""
    # Events from before migration 0012 have no recruiter sequence.
    return (role is Role.RECRUITER and row.recruiter_sequence) or row.sequence


_FOR_CANDIDATE = JsonView(Event, EventRecord, type="name", occurred_at="created_at", data="payload")
_FOR_RECRUITER = JsonView(
    Event,
    EventRecord,
    type="name",
    occurred_at="created_at",
    sequence=lambda row: sequence_for(Role.RECRUITER, row),
    data="payload",
)


def event_view(role: Role) -> JsonView[EventRecord]:
    """Return the view of events for this role."""
    return _FOR_RECRUITER if role is Role.RECRUITER else _FOR_CANDIDATE
