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
