"""What happens to endpoints, as facts; only their owner is told."""

from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import EndpointId


@dataclass(frozen=True, slots=True)
class EndpointEvent(DomainEvent):
    """Something that happened to one endpoint; `candidate` is its owner, whatever their role."""

    subject_field: ClassVar[str] = "endpoint"
    endpoint: EndpointId

    def payload(self) -> dict[str, Any]:
        """Return what the owner reads of it, who knows who they are."""
        public = DomainEvent.payload(self)
        del public["candidate"]
        return public


@dataclass(frozen=True, slots=True)
class EndpointDisabled(EndpointEvent):
    """An endpoint is told nothing more: it said that it is gone, or has failed for days."""

    name: ClassVar[str] = "endpoint.disabled"
    because: str


@dataclass(frozen=True, slots=True)
class EndpointTested(EndpointEvent):
    """Its owner asked for something to be sent to this endpoint, and to no other."""

    name: ClassVar[str] = "endpoint.tested"
    is_unicast: ClassVar[bool] = True
