"""How endpoints, deliveries, replays and events look in the contract."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field

from app.core.schemas import (
    ANY_SPELLING,
    Flag,
    Instant,
    Line,
    Schema,
    example,
    left_out,
)
from app.kit.ids import DeliveryId, EndpointId, EventId, ReplayId
from app.webhooks.catalogue import EventType
from app.webhooks.lifecycle import Cause, DeliveryState, DisabledBecause, EndpointState, ReplayState
from app.webhooks.targets import LONGEST_URL


class PayloadKind(StrEnum):
    """How much an endpoint is told."""

    THIN = "thin"
    FULL = "full"


_Target = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_URL,
        description="Where to send it: `https://…`, a host that everybody can reach.",
        examples=["https://crm.example/hooks/debrief"],
        json_schema_extra={"format": "webhook-target"},
    ),
]
_Types = Annotated[
    list[EventType],
    Field(min_length=1, max_length=50, description="Of what to tell."),
]
_Payload = Annotated[
    PayloadKind,
    Field(
        description="`thin`: ids and public words. `full`: with the subject as a recruiter may see "
        "it. Neither holds anything private."
    ),
]
_Description = Annotated[Line, Field(description="What it is for, so that you know it again.")]


class EndpointCreate(Schema):
    """Somewhere to send what happens."""

    model_config = example(
        {
            "url": "https://crm.example/hooks/debrief",
            "types": ["application.stage_changed", "interview.scheduled", "feedback.sent"],
            "payload": "thin",
            "description": "our CRM",
        }
    )

    url: _Target
    types: Annotated[_Types | None, Field(description="Left out: of everything.")] = None
    payload: _Payload = PayloadKind.THIN
    description: _Description | None = None


class EndpointUpdate(Schema):
    """What to change; a field left out stays as it is."""

    model_config = example({"payload": "full"})

    url: _Target = left_out()
    types: _Types | None = None
    payload: _Payload = left_out()
    description: _Description | None = None


class SecretRotation(Schema):
    """How to go over from one secret to the next."""

    model_config = example({"overlap_minutes": 60})

    overlap_minutes: Annotated[
        int,
        Field(
            strict=True,
            ge=0,
            le=10_080,
            description="For how long the secret that is replaced still signs what is sent. Those "
            "before it keep the time that they have; with 0 only the new one signs.",
        ),
        ANY_SPELLING,
    ] = 1_440


class Endpoint(Schema):
    """An endpoint, without its secret: that is shown once, when it is made."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {
            "id", "url", "types", "payload", "description", "state", "disabled_because",
            "failing_since", "waits_until", "secret_before_ends_at", "created_at", "updated_at",
        }
    )  # fmt: skip

    id: EndpointId
    url: str
    types: list[EventType] | None
    payload: PayloadKind
    description: str | None
    state: EndpointState
    disabled_because: DisabledBecause | None
    failing_since: Annotated[
        Instant | None, Field(description="Since when no attempt has come through.")
    ]
    waits_until: Annotated[
        Instant | None,
        Field(
            description="Until when nothing at all is sent there, since the receiver asked to be "
            "left alone (`Retry-After`). Pausing the endpoint and resuming it ends that."
        ),
    ]
    secret_before_ends_at: Annotated[
        Instant | None,
        Field(description="Until when secrets before this one sign too: the last of them."),
    ]
    created_at: Instant
    updated_at: Instant


class EndpointMade(Endpoint):
    """An endpoint with the secret that was just made for it."""

    shared_with_recruiter: ClassVar[frozenset[str]] = Endpoint.shared_with_recruiter | {"secret"}

    secret: Annotated[
        str,
        Field(
            description="With which what is sent is signed (Standard Webhooks), shown this once. "
            "Keep it where you keep passwords."
        ),
    ]


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
    cause: Annotated[Cause, Field(description="Why it was made.")]
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
    types: Annotated[_Types | None, Field(description="Left out: what the endpoint takes.")] = None
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


class Event(Schema):
    """Something that happened."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {"id", "type", "schema_version", "occurred_at", "subject", "sequence", "data"}
    )

    id: EventId
    type: EventType
    schema_version: int
    occurred_at: Instant
    subject: Annotated[str, Field(description="The resource it is about.")]
    sequence: Annotated[
        int,
        Field(description="Counts the events of this subject that you are told of, without a gap."),
    ]
    data: Annotated[dict[str, Any], Field(description="What it carries: ids and public words.")]
