"""Domain events of estimates."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import ApplicationId


@dataclass(frozen=True, slots=True)
class EstimateUpdated(DomainEvent):
    """The estimate of an application changed; the event contains only its band."""

    name: ClassVar[str] = "estimate.updated"
    subject_field: ClassVar[str] = "application"
    is_private: ClassVar[bool] = True
    application: ApplicationId
    band: str
