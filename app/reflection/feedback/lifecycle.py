"""The life of a piece of feedback: a draft is sent once; what was received is there as it came."""

from enum import StrEnum

from app.kit.lifecycle import StateMachine


class Direction(StrEnum):
    """From whom to whom."""

    CANDIDATE_TO_RECRUITER = "candidate_to_recruiter"
    CANDIDATE_TO_INTERVIEWER = "candidate_to_interviewer"
    RECRUITER_TO_CANDIDATE = "recruiter_to_candidate"
    INTERVIEWER_TO_CANDIDATE = "interviewer_to_candidate"
    INTERVIEWER_TO_RECRUITER = "interviewer_to_recruiter"

    @property
    def is_given(self) -> bool:
        """Whether the candidate gives it, so that it begins as a draft."""
        return self.value.startswith("candidate_")

    @property
    def is_for_candidate(self) -> bool:
        """Whether the candidate is to hear it."""
        return self.value.endswith("_to_candidate")


class Audience(StrEnum):
    """Who may read it."""

    PRIVATE = "private"
    RECRUITER = "recruiter"
    COMPANY = "company"


class FeedbackState(StrEnum):
    """Where a piece of feedback stands."""

    DRAFT = "draft"
    SENT = "sent"
    RECEIVED = "received"


class Move(StrEnum):
    """What can be done with feedback."""

    REWRITE = "rewrite"
    SEND = "send"
    ACKNOWLEDGE = "acknowledge"


FEEDBACK: StateMachine[FeedbackState, Move] = StateMachine(
    "feedback",
    {
        (FeedbackState.DRAFT, Move.REWRITE): FeedbackState.DRAFT,
        (FeedbackState.DRAFT, Move.SEND): FeedbackState.SENT,
        (FeedbackState.SENT, Move.ACKNOWLEDGE): FeedbackState.SENT,
        (FeedbackState.RECEIVED, Move.REWRITE): FeedbackState.RECEIVED,
        (FeedbackState.RECEIVED, Move.ACKNOWLEDGE): FeedbackState.RECEIVED,
    },
)
