"""How endpoints, deliveries, replays and events look in the contract."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from app.core.http.field_types import (
    ANY_SPELLING,
    Instant,
    Line,
)
from app.core.http.schemas import Schema, example, left_out
from app.integrations.events.catalogue import EventType
from app.integrations.webhooks.security.target_url import LONGEST_URL
from app.integrations.webhooks.subscriptions.lifecycle import DisabledBecause, EndpointState
from app.kit.ids import EndpointId


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
EventTypes = Annotated[
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
    types: Annotated[EventTypes | None, Field(description="Left out: of everything.")] = None
    payload: _Payload = PayloadKind.THIN
    description: _Description | None = None


class EndpointUpdate(Schema):
    """What to change; a field left out stays as it is."""

    model_config = example({"payload": "full"})

    url: _Target = left_out()
    types: EventTypes | None = None
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
