"""Domain events of references; none of them names the referee."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import ApplicationId, ReferenceId


@dataclass(frozen=True, slots=True)
class ReferenceEvent(DomainEvent):
    """An event about one reference."""

    subject_field: ClassVar[str] = "reference"
    application: ApplicationId
    reference: ReferenceId
    state: str


@dataclass(frozen=True, slots=True)
class ReferenceNamed(ReferenceEvent):
    """The candidate named a referee."""

    name: ClassVar[str] = "reference.named"


@dataclass(frozen=True, slots=True)
class ReferenceWarned(ReferenceEvent):
    """The candidate warned a referee that the company may call."""

    name: ClassVar[str] = "reference.warned"


@dataclass(frozen=True, slots=True)
class ReferenceRequested(ReferenceEvent):
    """The company asked for a reference, and the referee expects its call."""

    name: ClassVar[str] = "reference.requested"


@dataclass(frozen=True, slots=True)
class ReferenceGiven(ReferenceEvent):
    """A referee gave a reference."""

    name: ClassVar[str] = "reference.given"


@dataclass(frozen=True, slots=True)
class ReferenceThanked(ReferenceEvent):
    """The candidate thanked a referee."""

    name: ClassVar[str] = "reference.thanked"
