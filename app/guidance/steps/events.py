"""Domain events of steps."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import ApplicationId, InterviewId, StepId


@dataclass(frozen=True, slots=True)
class StepDue(DomainEvent):
    """A step is due that was neither completed nor dismissed."""

    name: ClassVar[str] = "step.due"
    subject_field: ClassVar[str] = "step"
    is_private: ClassVar[bool] = True
    application: ApplicationId
    interview: InterviewId | None
    step: StepId
    guide_step: str
    due_at: str
