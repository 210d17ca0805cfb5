"""The life of an interview."""

from enum import StrEnum

from app.kit.lifecycle import StateMachine
from app.scoring import Round
from app.tracking.applications.lifecycle import Stage


class Format(StrEnum):
    """What kind of interview it is."""

    ONE_TO_ONE = "one_to_one"
    PANEL = "panel"
    TASK = "task"
    PRESENTATION = "presentation"
    PHONE = "phone"
    VIDEO = "video"


class InterviewState(StrEnum):
    """Where an interview stands."""

    SCHEDULED = "scheduled"
    CONCLUDED = "concluded"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """What can be done with an interview."""

    RESCHEDULE = "reschedule"
    CONCLUDE = "conclude"
    CANCEL = "cancel"


INTERVIEW: StateMachine[InterviewState, Move] = StateMachine(
    "an interview",
    {
        (InterviewState.SCHEDULED, Move.RESCHEDULE): InterviewState.SCHEDULED,
        (InterviewState.SCHEDULED, Move.CONCLUDE): InterviewState.CONCLUDED,
        (InterviewState.SCHEDULED, Move.CANCEL): InterviewState.CANCELLED,
        (InterviewState.CANCELLED, Move.RESCHEDULE): InterviewState.SCHEDULED,
    },
)

STAGE_OF_ROUND = {
    Round.FIRST: Stage.FIRST,
    Round.SECOND: Stage.SECOND,
    Round.FINAL: Stage.FINAL,
}
