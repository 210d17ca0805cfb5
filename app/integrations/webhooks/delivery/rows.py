"""Values of new delivery rows."""

from datetime import datetime
from typing import Protocol

from app.integrations.webhooks.delivery.lifecycle import DeliveryState, DeliveryTrigger
from app.kit.ids import EndpointId, EventId, MemberId, ReplayId


class Subscriber(Protocol):
    """An endpoint, as far as a delivery needs it."""

    @property
    def id(self) -> EndpointId:
        """Its id."""

    @property
    def member_id(self) -> MemberId:
        """Its owner."""


def new_delivery(
    endpoint: Subscriber,
    event_id: EventId,
    trigger: DeliveryTrigger,
    now: datetime,
    replay_id: ReplayId | None = None,
) -> dict[str, object]:
    """Return the row of a delivery that is due now."""
    return {
        "member_id": endpoint.member_id,
        "endpoint_id": endpoint.id,
        "event_id": event_id,
        "replay_id": replay_id,
        "trigger": trigger,
        "state": DeliveryState.PENDING,
        "attempt_count": 0,
        "due_at": now,
        "delivered_at": None,
    }
