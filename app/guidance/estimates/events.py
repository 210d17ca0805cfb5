"""What happens to estimates, as facts."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import ApplicationId


@dataclass(frozen=True, slots=True)
class EstimateUpdated(DomainEvent):
    """What the signals suggest has changed; of the estimate itself only its band is told."""

    name: ClassVar[str] = "estimate.updated"
    subject_field: ClassVar[str] = "application"
    is_private: ClassVar[bool] = True
    application: ApplicationId
    band: str
