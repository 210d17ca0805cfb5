"""What happens to feedback, as facts; none of them carries the text."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.facts import Fact
from app.kit.ids import FeedbackId, InterviewId


@dataclass(frozen=True, slots=True)
class FeedbackFact(Fact):
    """Something that happened to one piece of feedback."""

    interview: InterviewId
    feedback: FeedbackId
    direction: str


@dataclass(frozen=True, slots=True)
class FeedbackSent(FeedbackFact):
    """The candidate sent feedback."""

    name: ClassVar[str] = "feedback.sent"


@dataclass(frozen=True, slots=True)
class FeedbackReceived(FeedbackFact):
    """Feedback to the candidate, or about them, was written down."""

    name: ClassVar[str] = "feedback.received"
