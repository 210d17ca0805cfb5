"""States of an interview, and the moves between them."""

from enum import StrEnum

from app.kit.lifecycle import StateMachine
from app.scoring import Round
from app.tracking.applications.lifecycle import Stage


class Format(StrEnum):
    """The format of an interview."""

    ONE_TO_ONE = "one_to_one"
    PANEL = "panel"
    TASK = "task"
    PRESENTATION = "presentation"
    PHONE = "phone"
    VIDEO = "video"


class InterviewState(StrEnum):
    """The state of an interview."""

    SCHEDULED = "scheduled"
    CONCLUDED = "concluded"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """The moves between the states of an interview."""

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
