"""Domain events of webhook endpoints; only the endpoint's owner receives them."""

from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import EndpointId


@dataclass(frozen=True, slots=True)
class EndpointEvent(DomainEvent):
    """An event about one endpoint; `candidate` is its owner, whatever their role."""

    subject_field: ClassVar[str] = "endpoint"
    endpoint: EndpointId

    def payload(self) -> dict[str, Any]:
        """Return the public fields, without the owner's own id."""
        public = DomainEvent.payload(self)
        del public["candidate"]
        return public


@dataclass(frozen=True, slots=True)
class EndpointDisabled(EndpointEvent):
    """An endpoint was disabled: it answered 410, failed for five days, or has no usable secret."""

    name: ClassVar[str] = "endpoint.disabled"
    because: str


@dataclass(frozen=True, slots=True)
class EndpointTested(EndpointEvent):
    """The owner of an endpoint requested a test event, which only this endpoint receives."""

    name: ClassVar[str] = "endpoint.tested"
    is_unicast: ClassVar[bool] = True
