"""What happens to feedback, as facts; none of them carries a text."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import ApplicationId, FeedbackId, InterviewId


@dataclass(frozen=True, slots=True)
class FeedbackEvent(DomainEvent):
    """Something that happened to one piece of feedback."""

    subject_field: ClassVar[str] = "feedback"
    application: ApplicationId
    interview: InterviewId
    feedback: FeedbackId
    direction: str


@dataclass(frozen=True, slots=True)
class FeedbackSent(FeedbackEvent):
    """The candidate sent feedback."""

    name: ClassVar[str] = "feedback.sent"


@dataclass(frozen=True, slots=True)
class FeedbackReceived(FeedbackEvent):
    """Feedback to the candidate, or about them, was written down."""

    name: ClassVar[str] = "feedback.received"


@dataclass(frozen=True, slots=True)
class FeedbackAcknowledged(FeedbackEvent):
    """Whom feedback was for has read it, and says so."""

    name: ClassVar[str] = "feedback.acknowledged"


@dataclass(frozen=True, slots=True)
class FeedbackReleased(FeedbackEvent):
    """The candidate lets the recruiter read feedback that was private before."""

    name: ClassVar[str] = "feedback.released"


@dataclass(frozen=True, slots=True)
class FeedbackRequested(DomainEvent):
    """The candidate asked for feedback on an interview, or for an answer by another day."""

    name: ClassVar[str] = "feedback.requested"
    subject_field: ClassVar[str] = "interview"
    application: ApplicationId
    interview: InterviewId
    answer_expected_on: str | None


@dataclass(frozen=True, slots=True)
class FeedbackRequestWithdrawn(DomainEvent):
    """The candidate asks no longer. Acted on within, and kept nowhere: nobody has to be told."""

    name: ClassVar[str] = "feedback.request_withdrawn"
    subject_field: ClassVar[str] = "interview"
    is_persisted: ClassVar[bool] = False
    application: ApplicationId
    interview: InterviewId
