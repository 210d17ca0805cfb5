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
    """The delivery of one event to one endpoint."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {
            "id", "endpoint", "event", "type", "trigger", "state", "attempt_count", "due_at",
            "delivered_at", "created_at",
        }
    )  # fmt: skip

    id: DeliveryId
    endpoint: EndpointId
    event: EventId
    type: EventType
    trigger: Annotated[DeliveryTrigger, Field(description="Why the delivery was created.")]
    state: Annotated[
        DeliveryState,
        Field(
            description="`failed`: given up after the last attempt. `withheld`: not sent, because "
            "you may no longer see the application."
        ),
    ]
    attempt_count: int
    due_at: Annotated[
        Instant | None,
        Field(
            description="When the next attempt is due. It is not made before the endpoint's "
            "`throttled_until`, nor while the endpoint is paused or disabled."
        ),
    ]
    delivered_at: Instant | None
    created_at: Instant


class Attempt(Schema):
    """One attempt at a delivery: the response, or why there was none."""

    attempted_at: Annotated[Instant, Field(description="When the attempt ended.")]
    status: Annotated[int | None, Field(description="The HTTP status of the response.")]
    failure: Annotated[
        str | None, Field(description="Why there was no response, such as `timeout`.")
    ]
    duration_ms: Annotated[int, Field(description="Milliseconds until the response status.")]
    response_excerpt: Annotated[str, Field(description="The beginning of the response body.")]


class DeliveryWithAttempts(Delivery):
    """A delivery with its attempts, the first one first."""

    shared_with_recruiter: ClassVar[frozenset[str]] = Delivery.shared_with_recruiter | {"attempts"}

    attempts: list[Attempt]


class ReplayCreate(Schema):
    """The range of events to deliver again."""

    model_config = example({"since": "2026-11-01T00:00:00Z", "only_undelivered": True})

    since: Annotated[Instant, Field(description="Events from this instant on.")]
    until: Annotated[
        Instant | None, Field(description="Events up to this instant. Left out: up to now.")
    ] = None
    event_types: Annotated[
        EventTypes | None,
        Field(description="The event types to deliver. Left out: those the endpoint receives."),
    ] = None
    only_undelivered: Annotated[
        Flag, Field(description="Leave out events that were delivered to the endpoint already.")
    ] = False


class Replay(Schema):
    """A replay: a range of events that is delivered to an endpoint again."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {
            "id", "endpoint", "since", "until", "event_types", "only_undelivered", "state",
            "scanned_count", "replayed_count", "created_at", "updated_at",
        }
    )  # fmt: skip

    id: ReplayId
    endpoint: EndpointId
    since: Instant
    until: Instant
    event_types: list[EventType] | None
    only_undelivered: bool
    state: ReplayState
    scanned_count: Annotated[
        int, Field(description="The number of events of the range that were scanned.")
    ]
    replayed_count: Annotated[int, Field(description="The number of deliveries that were created.")]
    created_at: Instant
    updated_at: Instant
