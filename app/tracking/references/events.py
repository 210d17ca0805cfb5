"""What happens to references, as facts; none of them says who the referee is."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import ApplicationId, ReferenceId


@dataclass(frozen=True, slots=True)
class ReferenceEvent(DomainEvent):
    """Something that happened to one reference."""

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
    """A referee knows that a call may come."""

    name: ClassVar[str] = "reference.warned"


@dataclass(frozen=True, slots=True)
class ReferenceRequested(ReferenceEvent):
    """The company asked for a reference, and the referee watches for the call."""

    name: ClassVar[str] = "reference.requested"


@dataclass(frozen=True, slots=True)
class ReferenceGiven(ReferenceEvent):
    """A referee spoke for the candidate."""

    name: ClassVar[str] = "reference.given"


@dataclass(frozen=True, slots=True)
class ReferenceThanked(ReferenceEvent):
    """The candidate thanked a referee."""

    name: ClassVar[str] = "reference.thanked"
