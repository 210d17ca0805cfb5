"""From delivery, attempt and replay rows to responses."""

from collections.abc import Sequence
from typing import Any

from app.integrations.webhooks.delivery.models import AttemptRow, ReplayRow
from app.integrations.webhooks.delivery.schemas import Attempt, Delivery, Replay


def delivery(row: Any) -> Delivery:  # noqa: ANN401 - a row joined from two tables
    """Show a delivery."""
    return Delivery(
        id=row.id,
        endpoint=row.endpoint_id,
        event=row.event_id,
        type=row.event_name,
        cause=row.cause,
        state=row.state,
        attempts_made=row.attempts_made,
        due_at=row.due_at,
        delivered_at=row.delivered_at,
        created_at=row.created_at,
    )


def deliveries(rows: Sequence[Any]) -> list[Delivery]:
    """Show the deliveries of one page."""
    return [delivery(row) for row in rows]


def attempt(row: AttemptRow) -> Attempt:
    """Show an attempt."""
    return Attempt(
        at=row.created_at,
        status=row.status,
        failure=row.failure,
        milliseconds=row.milliseconds,
        first_bytes=row.first_bytes,
    )


def replay(row: ReplayRow) -> Replay:
    """Show a replay."""
    return Replay(
        id=row.id,
        endpoint=row.endpoint_id,
        since=row.since,
        until=row.until,
        types=row.types,
        only_undelivered=row.only_undelivered,
        state=row.state,
        looked_at=row.looked_at,
        replayed=row.replayed,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
