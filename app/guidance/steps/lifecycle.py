"""The life of a step: it is open until it is done or dismissed; what was dismissed can be done."""

from enum import StrEnum

from app.kit.lifecycle import StateMachine


class StepState(StrEnum):
    """Where a step stands."""

    OPEN = "open"
    DONE = "done"
    DISMISSED = "dismissed"


class Move(StrEnum):
    """What can be done about a step."""

    COMPLETE = "complete"
    DISMISS = "dismiss"


STEP: StateMachine[StepState, Move] = StateMachine(
    "a step",
    {
        (StepState.OPEN, Move.COMPLETE): StepState.DONE,
        (StepState.OPEN, Move.DISMISS): StepState.DISMISSED,
        (StepState.DISMISSED, Move.COMPLETE): StepState.DONE,
    },
)
"""The table of steps."""
