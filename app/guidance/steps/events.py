"""What happens to steps, as facts."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import ApplicationId, InterviewId, StepId


@dataclass(frozen=True, slots=True)
class StepDue(DomainEvent):
    """The time for a step of the guide has come, and it was neither done nor dismissed."""

    name: ClassVar[str] = "step.due"
    subject_field: ClassVar[str] = "step"
    is_private: ClassVar[bool] = True
    application: ApplicationId
    interview: InterviewId | None
    step: StepId
    guide_step: str
    due_at: str
