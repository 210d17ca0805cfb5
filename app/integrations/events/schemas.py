"""Response schemas of events."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from app.core.http.field_types import (
    Instant,
)
from app.core.http.schemas import Schema
from app.integrations.events.catalogue import EventType
from app.kit.ids import EventId


class Event(Schema):
    """An event."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {"id", "type", "schema_version", "occurred_at", "subject", "sequence", "data"}
    )

    id: EventId
    type: EventType
    schema_version: int
    occurred_at: Instant
    subject: Annotated[str, Field(description="The id of the resource that the event is about.")]
    sequence: Annotated[
        int,
        Field(
            description="The number of the event among those of its subject that you may see, from "
            "1 and without gaps."
        ),
    ]
    data: Annotated[
        dict[str, Any], Field(description="The payload: ids and public values, no private text.")
    ]
