"""The `webhooks` section: one operation for each event type."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.api.openapi.operations import NO_SECURITY
from app.integrations.events.catalogue import (
    EVENT_CLASSES,
    EventType,
    description,
    example_of,
    message_schema,
)
from app.kit.sample_ids import EVENT

MESSAGES = {name: message_schema(name) for name in EVENT_CLASSES}
_SIGNED = [
    {
        "name": name,
        "in": "header",
        "required": True,
        "description": says,
        "schema": {"type": "string", "pattern": form, "maxLength": 500},
    }
    for name, says, form in (
        ("webhook-id", "The event's id: the same on every attempt.", "^evt_[0-9a-z]{26}$"),
        ("webhook-timestamp", "When this attempt was made, in Unix seconds.", "^[0-9]+$"),
        (
            "webhook-signature",
            "Standard Webhooks: `v1,` and an HMAC; two of them while secrets overlap.",
            "^v1,[0-9A-Za-z+/=]+( v1,[0-9A-Za-z+/=]+)*$",
        ),
    )
]


def schemas_of(kinds: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """Return the JSON Schemas of these models and of those they refer to, by name."""
    template = "#/components/schemas/{model}"
    _, defined = models_json_schema([(each, "validation") for each in kinds], ref_template=template)
    return dict(defined["$defs"])


def webhook_operation(name: EventType) -> dict[str, Any]:
    """Describe the call by which an endpoint is told of such an event."""
    kind, message = EVENT_CLASSES[name], MESSAGES[name]
    ours = {"schema": {"$ref": f"#/components/schemas/{message.__name__}"}}
    subject = example_of(kind).get(kind.subject_field, "")
    example = {
        "type": name.value,
        "timestamp": "2026-11-12T15:10:00Z",
        "data": {
            "event": EVENT,
            "subject": subject,
            "sequence": 3,
            "schema_version": kind.schema_version,
            **example_of(kind),
        },
    }
    return {
        "operationId": f"tell_{name.name.lower()}",
        "tags": ["Webhooks"],
        "summary": description(kind).rstrip("."),
        "description": f"{description(kind)} Answer with any 2xx; 410 disables the endpoint.",
        "security": NO_SECURITY,
        "parameters": _SIGNED,
        "requestBody": {
            "required": True,
            "content": {"application/json": {**ours, "example": example}},
        },
        "responses": {"2XX": {"description": "Taken; it is not sent again."}},
    }
