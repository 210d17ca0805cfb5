"""From delivery, attempt and replay rows to responses."""

from collections.abc import Sequence
from typing import NamedTuple

from app.core.http.representations import JsonView, Resource
from app.core.unit_of_work.session import row_etag
from app.integrations.webhooks.delivery.repository import (
    AttemptRecord,
    DeliveryRecord,
    ReplayRecord,
)
from app.integrations.webhooks.delivery.schemas import (
    Attempt,
    Delivery,
    DeliveryWithAttempts,
    Replay,
)


class DeliveryHistory(NamedTuple):
    """A delivery with its attempts."""

    delivery: DeliveryRecord
    attempts: Sequence[AttemptRecord]


ATTEMPT = JsonView(Attempt, AttemptRecord, attempted_at="created_at")

DELIVERY = JsonView(
    Delivery, DeliveryRecord, endpoint="endpoint_id", event="event_id", type="event_type"
)

DELIVERY_WITH_ATTEMPTS = JsonView(
    DeliveryWithAttempts,
    DeliveryHistory,
    within="delivery",
    endpoint="delivery.endpoint_id",
    event="delivery.event_id",
    type="delivery.event_type",
    attempts=lambda row: [ATTEMPT.render_nested(attempt) for attempt in row.attempts],
)

REPLAY = JsonView(Replay, ReplayRecord, endpoint="endpoint_id")


def delivery(row: DeliveryRecord) -> Resource[DeliveryRecord]:
    """Return a delivery as it is shown."""
    return Resource(row, DELIVERY, row_etag(row))


def delivery_with_attempts(
    row: DeliveryRecord, attempts: Sequence[AttemptRecord]
) -> Resource[DeliveryHistory]:
    """Return a delivery with its attempts as it is shown."""
    return Resource(DeliveryHistory(row, attempts), DELIVERY_WITH_ATTEMPTS, row_etag(row))


def replay(row: ReplayRecord) -> Resource[ReplayRecord]:
    """Return a replay as it is shown."""
    return Resource(row, REPLAY, row_etag(row))
