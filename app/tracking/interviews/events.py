"""What happens to interviews, as facts."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import ApplicationId, InterviewId


@dataclass(frozen=True, slots=True)
class InterviewEvent(DomainEvent):
    """Something that happened to one interview."""

    subject_field: ClassVar[str] = "interview"
    application: ApplicationId
    interview: InterviewId


@dataclass(frozen=True, slots=True)
class InterviewScheduled(InterviewEvent):
    """An interview was planned."""

    name: ClassVar[str] = "interview.scheduled"
    starts_at: str


@dataclass(frozen=True, slots=True)
class InterviewRescheduled(InterviewEvent):
    """An interview got another time."""

    name: ClassVar[str] = "interview.rescheduled"
    starts_at: str


@dataclass(frozen=True, slots=True)
class InterviewCancelled(InterviewEvent):
    """An interview will not take place."""

    name: ClassVar[str] = "interview.cancelled"


@dataclass(frozen=True, slots=True)
class InterviewConcluded(InterviewEvent):
    """An interview has taken place."""

    name: ClassVar[str] = "interview.concluded"
    ended_at: str


@dataclass(frozen=True, slots=True)
class InterviewFormatChanged(InterviewEvent):
    """An interview is of another format. Acted on within, and kept nowhere: nobody has to be told.

    What is to be prepared hangs on it.
    """

    name: ClassVar[str] = "interview.format_changed"
    is_persisted: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class InterviewRoundChanged(InterviewEvent):
    """An interview was of another round. Acted on within, and kept nowhere."""

    name: ClassVar[str] = "interview.round_changed"
    is_persisted: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class InterviewDeleted(InterviewEvent):
    """An interview was removed from the record."""

    name: ClassVar[str] = "interview.deleted"
