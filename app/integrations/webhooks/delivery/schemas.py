"""Request and response schemas of deliveries and replays."""

from typing import Annotated, ClassVar

from pydantic import Field

from app.core.http.field_types import (
    Flag,
    Instant,
)
from app.core.http.schemas import Schema, example
from app.integrations.events.catalogue import EventType
from app.integrations.webhooks.delivery.lifecycle import DeliveryState, DeliveryTrigger, ReplayState
from app.integrations.webhooks.subscriptions.schemas import EventTypes
from app.kit.ids import DeliveryId, EndpointId, EventId, ReplayId


class Delivery(Schema):
    """One event on its way to one endpoint."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {
            "id", "endpoint", "event", "type", "cause", "state", "attempts_made", "due_at",
            "delivered_at", "created_at",
        }
    )  # fmt: skip

    id: DeliveryId
    endpoint: EndpointId
    event: EventId
    type: EventType
    cause: Annotated[DeliveryTrigger, Field(description="Why it was made.")]
    state: Annotated[
        DeliveryState,
        Field(
            description="`failed`: given up after the last attempt. `withheld`: not sent, for you "
            "may no longer see what it tells of."
        ),
    ]
    attempts_made: int
    due_at: Annotated[
        Instant | None,
        Field(
            description="When the next attempt is due, though not before its endpoint's "
            "`waits_until`, and not while that is paused or disabled."
        ),
    ]
    delivered_at: Instant | None
    created_at: Instant


class Attempt(Schema):
    """One attempt: what was answered, or why nothing was."""

    at: Annotated[Instant, Field(description="When it had ended.")]
    status: Annotated[int | None, Field(description="The status answered.")]
    failure: Annotated[str | None, Field(description="Why there was no answer, such as `timeout`.")]
    milliseconds: Annotated[int, Field(description="Until the status was there.")]
    first_bytes: Annotated[str, Field(description="How the answer's body began.")]


class DeliveryWithAttempts(Delivery):
    """A delivery with every attempt at it, the first one first."""

    shared_with_recruiter: ClassVar[frozenset[str]] = Delivery.shared_with_recruiter | {"attempts"}

    attempts: list[Attempt]


class ReplayCreate(Schema):
    """Which events to deliver once more."""

    model_config = example({"since": "2026-11-01T00:00:00Z", "only_undelivered": True})

    since: Annotated[Instant, Field(description="Events from this instant on.")]
    until: Annotated[
        Instant | None, Field(description="Up to this instant. Left out: up to now.")
    ] = None
    types: Annotated[EventTypes | None, Field(description="Left out: what the endpoint takes.")] = (
        None
    )
    only_undelivered: Annotated[
        Flag, Field(description="Leave out what has reached the endpoint already.")
    ] = False


class Replay(Schema):
    """A range of events on its way to an endpoint once more."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {
            "id", "endpoint", "since", "until", "types", "only_undelivered", "state", "looked_at",
            "replayed", "created_at", "updated_at",
        }
    )  # fmt: skip

    id: ReplayId
    endpoint: EndpointId
    since: Instant
    until: Instant
    types: list[EventType] | None
    only_undelivered: bool
    state: ReplayState
    looked_at: Annotated[int, Field(description="How many events of the range were looked at.")]
    replayed: Annotated[int, Field(description="How many of them are deliveries now.")]
    created_at: Instant
    updated_at: Instant
