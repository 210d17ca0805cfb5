"""What happens to a debrief, as facts; none of them carries what was observed."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import ApplicationId, InterviewId


@dataclass(frozen=True, slots=True)
class SignalsObserved(DomainEvent):
    """The candidate wrote down, or changed, what they observed in an interview."""

    name: ClassVar[str] = "debrief.signals_observed"
    subject_field: ClassVar[str] = "interview"
    is_private: ClassVar[bool] = True
    application: ApplicationId
    interview: InterviewId


@dataclass(frozen=True, slots=True)
class DebriefReleased(DomainEvent):
    """The candidate lets the recruiter read some of the signals of an interview, or others."""

    name: ClassVar[str] = "debrief.released"
    subject_field: ClassVar[str] = "interview"
    application: ApplicationId
    interview: InterviewId
