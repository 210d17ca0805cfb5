"""Values of new delivery rows."""

from datetime import datetime

from app.integrations.webhooks.delivery.lifecycle import DeliveryState, DeliveryTrigger
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.kit.ids import EventId, ReplayId


def new_delivery(
    endpoint: EndpointRow,
    event_id: EventId,
    cause: DeliveryTrigger,
    now: datetime,
    replay_id: ReplayId | None = None,
) -> dict[str, object]:
    """Return the row of a delivery that is due now."""
    return {
        "member_id": endpoint.member_id,
        "endpoint_id": endpoint.id,
        "event_id": event_id,
        "replay_id": replay_id,
        "cause": cause.value,
        "state": DeliveryState.PENDING.value,
        "attempts_made": 0,
        "due_at": now,
        "delivered_at": None,
    }
