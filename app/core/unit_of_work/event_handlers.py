"""Event handlers: run in the transaction that published the event."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.core.messaging.domain_event import DomainEvent
from app.core.unit_of_work.session import WriteSession

EventHandlers = Mapping[type[DomainEvent], Sequence[Callable[[WriteSession, Any], None]]]
"""The handlers of each type of event, in the order in which they run."""
