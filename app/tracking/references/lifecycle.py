"""The life of a reference: somebody is named, warned, asked for, speaks, and is thanked.

Real companies ring without asking first, so that a step may be passed over; a referee who was
not warned in time can still be while the call is awaited.
"""

from enum import StrEnum

from app.kit.lifecycle import StateMachine


class ReferenceState(StrEnum):
    """Where a reference stands."""

    NAMED = "named"
    WARNED = "warned"
    AWAITED = "awaited"
    GIVEN = "given"
    THANKED = "thanked"


class Owed(StrEnum):
    """What the candidate owes a referee."""

    WARN = "warn"
    THANK = "thank"


class Move(StrEnum):
    """What can be done about a reference."""

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
"""The table of references."""
