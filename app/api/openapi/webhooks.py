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
_SIGNATURE_HEADERS = [
    {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": {"type": "string", "pattern": pattern, "maxLength": 500},
    }
    for name, description, pattern in (
        ("webhook-id", "The event's id: the same for every attempt.", "^evt_[0-9a-z]{26}$"),
        ("webhook-timestamp", "Time of this attempt, in Unix seconds.", "^[0-9]+$"),
        (
            "webhook-signature",
            "Standard Webhooks: `v1,` and an HMAC; two during the grace period after a rotation.",
            "^v1,[0-9A-Za-z+/=]+( v1,[0-9A-Za-z+/=]+)*$",
        ),
    )
]


def schemas_of(kinds: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """Return the JSON Schemas of these models and of those they refer to, by name."""
    template = "#/components/schemas/{model}"
    _, defined = models_json_schema([(kind, "validation") for kind in kinds], ref_template=template)
    return dict(defined["$defs"])


def webhook_operation(name: EventType) -> dict[str, Any]:
    """Return the operation that describes the webhook request for an event of this type."""
    kind, message = EVENT_CLASSES[name], MESSAGES[name]
    schema = {"schema": {"$ref": f"#/components/schemas/{message.__name__}"}}
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
        "operationId": name.name.lower(),
        "tags": ["Webhooks"],
        "summary": description(kind).rstrip("."),
        "description": f"{description(kind)} Respond with any 2xx; 410 disables the endpoint.",
        "security": NO_SECURITY,
        "parameters": _SIGNATURE_HEADERS,
        "requestBody": {
            "required": True,
            "content": {"application/json": {**schema, "example": example}},
        },
        "responses": {"2XX": {"description": "Accepted; the message is not sent again."}},
    }
