"""Domain events of interviews."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import ApplicationId, InterviewId


@dataclass(frozen=True, slots=True)
class InterviewEvent(DomainEvent):
    """An event about one interview."""

    subject_field: ClassVar[str] = "interview"
    application: ApplicationId
    interview: InterviewId


@dataclass(frozen=True, slots=True)
class InterviewScheduled(InterviewEvent):
    """An interview was scheduled."""

    name: ClassVar[str] = "interview.scheduled"
    starts_at: str


@dataclass(frozen=True, slots=True)
class InterviewRescheduled(InterviewEvent):
    """An interview was moved to another time."""

    name: ClassVar[str] = "interview.rescheduled"
    starts_at: str


@dataclass(frozen=True, slots=True)
class InterviewCancelled(InterviewEvent):
    """An interview was cancelled."""

    name: ClassVar[str] = "interview.cancelled"


@dataclass(frozen=True, slots=True)
class InterviewConcluded(InterviewEvent):
    """An interview took place, or the time of its end was corrected."""

    name: ClassVar[str] = "interview.concluded"
    ended_at: str


@dataclass(frozen=True, slots=True)
class InterviewFormatChanged(InterviewEvent):
    """The format of an interview changed. Internal: handled in process and never stored.

    The preparation steps of an interview depend on its format.
    """

    name: ClassVar[str] = "interview.format_changed"
    is_persisted: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class InterviewRoundChanged(InterviewEvent):
    """The round of an interview changed. Internal: handled in process and never stored."""

    name: ClassVar[str] = "interview.round_changed"
    is_persisted: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class InterviewDeleted(InterviewEvent):
    """An interview was deleted."""

    name: ClassVar[str] = "interview.deleted"
