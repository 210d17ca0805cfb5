"""From rows to what the contract shows."""

from collections.abc import Sequence
from typing import Any

from app.core.facts import EventRow
from app.core.tenancy import Role
from app.webhooks.models import AttemptRow, EndpointRow, ReplayRow
from app.webhooks.rotating import last_end
from app.webhooks.schemas import Attempt, Delivery, Endpoint, Event, Replay


def endpoint(row: EndpointRow) -> Endpoint:
    """Show an endpoint."""
    return Endpoint(
        id=row.id,
        url=row.url,
        types=row.types,
        payload=row.payload,
        description=row.description,
        state=row.state,
        disabled_because=row.disabled_because,
        failing_since=row.failing_since,
        waits_until=row.waits_until,
        secret_before_ends_at=last_end(row.secrets_before),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def endpoints(rows: Sequence[EndpointRow]) -> list[Endpoint]:
    """Show the endpoints of one page."""
    return [endpoint(row) for row in rows]


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
