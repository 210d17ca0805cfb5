"""Life-cycle of a step: open, then done or dismissed; a dismissed step can still be done."""

from enum import StrEnum

from app.kit.lifecycle import StateMachine


class StepState(StrEnum):
    """The state of a step."""

    OPEN = "open"
    DONE = "done"
    DISMISSED = "dismissed"


class Move(StrEnum):
    """The transitions of a step."""

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
"""The transition table of steps."""
