"""Request and response schemas of webhook endpoints."""

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
from app.integrations.webhooks.security.target_url import MAX_URL_LENGTH
from app.integrations.webhooks.subscriptions.lifecycle import DisabledReason, EndpointState
from app.kit.ids import EndpointId


class PayloadFormat(StrEnum):
    """How much a webhook message contains."""

    THIN = "thin"
    FULL = "full"


_Target = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_URL_LENGTH,
        description="The URL to which events are sent: `https://…`, with a public host.",
        examples=["https://crm.example/hooks/debrief"],
        json_schema_extra={"format": "webhook-target"},
    ),
]
EventTypes = Annotated[
    list[EventType],
    Field(min_length=1, max_length=50, description="The event types to send."),
]
_PayloadFormat = Annotated[
    PayloadFormat,
    Field(
        description="`thin`: ids and public values. `full`: also the subject, as far as a "
        "recruiter may see it. Neither contains anything private."
    ),
]
_Description = Annotated[Line, Field(description="A name or note to recognise the endpoint by.")]


class EndpointCreate(Schema):
    """A new webhook endpoint."""

    model_config = example(
        {
            "url": "https://crm.example/hooks/debrief",
            "event_types": ["application.stage_changed", "interview.scheduled", "feedback.sent"],
            "payload_format": "thin",
            "description": "our CRM",
        }
    )

    url: _Target
    event_types: Annotated[
        EventTypes | None, Field(description="The event types to send. Left out: all.")
    ] = None
    payload_format: _PayloadFormat = PayloadFormat.THIN
    description: _Description | None = None


class EndpointUpdate(Schema):
    """The fields to change; one left out keeps its value."""

    model_config = example({"payload_format": "full"})

    url: _Target = left_out()
    event_types: EventTypes | None = None
    payload_format: _PayloadFormat = left_out()
    description: _Description | None = None


class SecretRotationCreate(Schema):
    """The rotation of a signing secret."""

    model_config = example({"overlap_minutes": 60})

    overlap_minutes: Annotated[
        int,
        Field(
            strict=True,
            ge=0,
            le=10_080,
            description="For how many minutes the replaced secret still signs messages. Secrets "
            "that were replaced earlier keep their expiry; with 0 only the new secret signs.",
        ),
        ANY_SPELLING,
    ] = 1_440


class Endpoint(Schema):
    """A webhook endpoint, without its secret, which is shown once when it is created."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {
            "id", "url", "event_types", "payload_format", "description", "state", "disabled_reason",
            "failing_since", "throttled_until", "previous_secret_expires_at", "created_at",
            "updated_at",
        }
    )  # fmt: skip

    id: EndpointId
    url: str
    event_types: list[EventType] | None
    payload_format: PayloadFormat
    description: str | None
    state: EndpointState
    disabled_reason: DisabledReason | None
    failing_since: Annotated[
        Instant | None, Field(description="Since when every attempt has failed.")
    ]
    throttled_until: Annotated[
        Instant | None,
        Field(
            description="Until when nothing is sent, because the receiver asked to wait "
            "(`Retry-After`). Pausing and resuming the endpoint clears it."
        ),
    ]
    previous_secret_expires_at: Annotated[
        Instant | None,
        Field(description="When the last of the previous secrets expires; they sign until then."),
    ]
    created_at: Instant
    updated_at: Instant


class EndpointWithSecret(Endpoint):
    """A webhook endpoint with its new secret."""

    shared_with_recruiter: ClassVar[frozenset[str]] = Endpoint.shared_with_recruiter | {"secret"}

    secret: Annotated[
        str,
        Field(
            description="The secret that signs messages (Standard Webhooks), shown once. Store it "
            "where you store passwords."
        ),
    ]
