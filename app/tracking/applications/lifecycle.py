"""Stages and statuses of an application, and the moves between statuses."""

from enum import StrEnum

from app.kit.lifecycle import StateMachine


class Stage(StrEnum):
    """The stage of an application: the candidate sets it, and interviews move it forward."""

    APPLIED = "applied"
    SCREENING = "screening"
    FIRST = "first"
    SECOND = "second"
    FINAL = "final"
    OFFER = "offer"
    CLOSED = "closed"

    def is_before(self, other: "Stage") -> bool:
        """Whether this stage comes earlier than the other."""
        order = list(Stage)
        return order.index(self) < order.index(other)


class Outcome(StrEnum):
    """How an application ended."""

    OFFER = "offer"
    NO_OFFER = "no_offer"
    NO_RESPONSE = "no_response"
    WITHDRAWN = "withdrawn"


class Status(StrEnum):
    """`active` while no outcome is recorded, then the outcome."""

    ACTIVE = "active"
    OFFER = "offer"
    NO_OFFER = "no_offer"
    NO_RESPONSE = "no_response"
    WITHDRAWN = "withdrawn"


class Interest(StrEnum):
    """How interested the candidate is in the role."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Move(StrEnum):
    """The moves between the statuses of an application."""

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
"""The stages to which an outcome moves an application."""
