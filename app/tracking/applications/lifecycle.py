"""The life of an application: where it stands, and what became of it."""

from enum import StrEnum

from app.kit.lifecycle import StateMachine


class Stage(StrEnum):
    """How far an application has come; the candidate sets it, interviews move it forward."""

    APPLIED = "applied"
    SCREENING = "screening"
    FIRST = "first"
    SECOND = "second"
    FINAL = "final"
    OFFER = "offer"
    CLOSED = "closed"

    def is_before(self, other: "Stage") -> bool:
        """Tell whether this stage comes earlier than the other."""
        order = list(Stage)
        return order.index(self) < order.index(other)


class Outcome(StrEnum):
    """What really happened."""

    OFFER = "offer"
    NO_OFFER = "no_offer"
    NO_RESPONSE = "no_response"
    WITHDRAWN = "withdrawn"


class Status(StrEnum):
    """Whether the answer is still awaited, and if not, what it was."""

    ACTIVE = "active"
    OFFER = "offer"
    NO_OFFER = "no_offer"
    NO_RESPONSE = "no_response"
    WITHDRAWN = "withdrawn"


class Interest(StrEnum):
    """How keen the candidate is on the role."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Move(StrEnum):
    """What can be done about an application's outcome."""

    OFFER = "record offer"
    NO_OFFER = "record no_offer"
    NO_RESPONSE = "record no_response"
    WITHDRAWN = "record withdrawn"
    TAKE_BACK = "take the outcome back"


APPLICATION: StateMachine[Status, Move] = StateMachine(
    "an application",
    {(Status.ACTIVE, Move[outcome.name]): Status[outcome.name] for outcome in Outcome}
    | {(Status[outcome.name], Move.TAKE_BACK): Status.ACTIVE for outcome in Outcome},
)

STAGE_AFTER_OUTCOME = {
    Outcome.OFFER: Stage.OFFER,
    Outcome.NO_OFFER: Stage.CLOSED,
    Outcome.NO_RESPONSE: Stage.CLOSED,
    Outcome.WITHDRAWN: Stage.CLOSED,
}

TERMINAL_STAGES = frozenset(STAGE_AFTER_OUTCOME.values())
"""The stages that an outcome brings an application to."""
