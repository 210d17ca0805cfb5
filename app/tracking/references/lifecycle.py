"""States of a reference, and the moves between them.

Companies also call without asking first, so a step may be skipped. A referee who was not warned
in time can still be warned while the call is awaited.
"""

from enum import StrEnum

from app.kit.lifecycle import StateMachine


class ReferenceState(StrEnum):
    """The state of a reference."""

    NAMED = "named"
    WARNED = "warned"
    AWAITED = "awaited"
    GIVEN = "given"
    THANKED = "thanked"


class Owed(StrEnum):
    """A pending action of the candidate: warn or thank the referee."""

    WARN = "warn"
    THANK = "thank"


class Move(StrEnum):
    """The moves between the states of a reference."""

    REPLACE = "replace the referee"
    WARN = "warn"
    REMIND = "remind"
    REQUEST = "request"
    GIVE = "give"
    THANK = "thank"


REFERENCE: StateMachine[ReferenceState, Move] = StateMachine(
    "a reference",
    {
        (ReferenceState.NAMED, Move.REPLACE): ReferenceState.NAMED,
        (ReferenceState.NAMED, Move.WARN): ReferenceState.WARNED,
        (ReferenceState.NAMED, Move.REQUEST): ReferenceState.AWAITED,
        (ReferenceState.NAMED, Move.GIVE): ReferenceState.GIVEN,
        (ReferenceState.WARNED, Move.REMIND): ReferenceState.WARNED,
        (ReferenceState.WARNED, Move.REQUEST): ReferenceState.AWAITED,
        (ReferenceState.WARNED, Move.GIVE): ReferenceState.GIVEN,
        (ReferenceState.AWAITED, Move.WARN): ReferenceState.AWAITED,
        (ReferenceState.AWAITED, Move.REMIND): ReferenceState.AWAITED,
        (ReferenceState.AWAITED, Move.GIVE): ReferenceState.GIVEN,
        (ReferenceState.AWAITED, Move.THANK): ReferenceState.THANKED,
        (ReferenceState.GIVEN, Move.THANK): ReferenceState.THANKED,
    },
)
