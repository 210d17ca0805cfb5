"""States of feedback: a draft is sent once; received feedback is recorded without a draft."""

from enum import StrEnum

from app.kit.lifecycle import StateMachine


class Direction(StrEnum):
    """The author and the recipient of the feedback."""

    CANDIDATE_TO_RECRUITER = "candidate_to_recruiter"
    CANDIDATE_TO_INTERVIEWER = "candidate_to_interviewer"
    RECRUITER_TO_CANDIDATE = "recruiter_to_candidate"
    INTERVIEWER_TO_CANDIDATE = "interviewer_to_candidate"
    INTERVIEWER_TO_RECRUITER = "interviewer_to_recruiter"

    @property
    def is_given(self) -> bool:
        """Whether the candidate gives it, so that it starts as a draft."""
        return self.value.startswith("candidate_")

    @property
    def is_for_candidate(self) -> bool:
        """Whether the candidate is the recipient."""
        return self.value.endswith("_to_candidate")


class Audience(StrEnum):
    """Who may read the feedback."""

    PRIVATE = "private"
    RECRUITER = "recruiter"
    COMPANY = "company"


class FeedbackState(StrEnum):
    """The state of a piece of feedback."""

    DRAFT = "draft"
    SENT = "sent"
    RECEIVED = "received"


class Move(StrEnum):
    """The moves between the states of feedback."""

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
