"""What happens to references, as facts; none of them says who the referee is."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import ApplicationId, ReferenceId


@dataclass(frozen=True, slots=True)
class ReferenceFact(DomainEvent):
    """Something that happened to one reference."""

    subject_field: ClassVar[str] = "reference"
    application: ApplicationId
    reference: ReferenceId
    state: str


@dataclass(frozen=True, slots=True)
class ReferenceNamed(ReferenceFact):
    """The candidate named a referee."""

    name: ClassVar[str] = "reference.named"


@dataclass(frozen=True, slots=True)
class ReferenceWarned(ReferenceFact):
    """A referee knows that a call may come."""

    name: ClassVar[str] = "reference.warned"


@dataclass(frozen=True, slots=True)
class ReferenceRequested(ReferenceFact):
    """The company asked for a reference, and the referee watches for the call."""

    name: ClassVar[str] = "reference.requested"


@dataclass(frozen=True, slots=True)
class ReferenceGiven(ReferenceFact):
    """A referee spoke for the candidate."""

    name: ClassVar[str] = "reference.given"


@dataclass(frozen=True, slots=True)
class ReferenceThanked(ReferenceFact):
    """The candidate thanked a referee."""

    name: ClassVar[str] = "reference.thanked"
