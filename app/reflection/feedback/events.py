"""Domain events of feedback; none of them contains its text."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent
from app.kit.ids import ApplicationId, FeedbackId, InterviewId


@dataclass(frozen=True, slots=True)
class FeedbackEvent(DomainEvent):
    """An event about one piece of feedback."""

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
    """Feedback to the candidate, or about them, was recorded."""

    name: ClassVar[str] = "feedback.received"


@dataclass(frozen=True, slots=True)
class FeedbackAcknowledged(FeedbackEvent):
    """The recipient of feedback acknowledged that they have read it."""

    name: ClassVar[str] = "feedback.acknowledged"


@dataclass(frozen=True, slots=True)
class FeedbackReleased(FeedbackEvent):
    """The candidate shared feedback with the recruiter that was private before."""

    name: ClassVar[str] = "feedback.released"


@dataclass(frozen=True, slots=True)
class FeedbackRequested(DomainEvent):
    """The candidate requested feedback on an interview, or changed the expected day of it."""

    name: ClassVar[str] = "feedback.requested"
    subject_field: ClassVar[str] = "interview"
    application: ApplicationId
    interview: InterviewId
    answer_expected_on: str | None


@dataclass(frozen=True, slots=True)
class FeedbackRequestWithdrawn(DomainEvent):
    """A feedback request was withdrawn. Internal: handled in process and never stored."""

    name: ClassVar[str] = "feedback.request_withdrawn"
    subject_field: ClassVar[str] = "interview"
    is_persisted: ClassVar[bool] = False
    application: ApplicationId
    interview: InterviewId
