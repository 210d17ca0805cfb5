"""Domain events of debriefs; none of them contains what was observed."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import ApplicationId, InterviewId


@dataclass(frozen=True, slots=True)
class SignalsObserved(DomainEvent):
    """The candidate recorded or changed the signals they observed in an interview."""

    name: ClassVar[str] = "debrief.signals_observed"
    subject_field: ClassVar[str] = "interview"
    is_private: ClassVar[bool] = True
    application: ApplicationId
    interview: InterviewId


@dataclass(frozen=True, slots=True)
class DebriefReleased(DomainEvent):
    """The candidate released signals of an interview to the recruiter, or changed which ones."""

    name: ClassVar[str] = "debrief.released"
    subject_field: ClassVar[str] = "interview"
    application: ApplicationId
    interview: InterviewId
