"""Event handlers: run in the transaction that published the event."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.core.messaging.domain_event import DomainEvent
from app.core.unit_of_work.session import WriteSession

EventHandlers = Mapping[type[DomainEvent], Sequence[Callable[[WriteSession, Any], None]]]
"""What later rooms do when they hear of a fact, in the transaction that announced it."""
