"""A life-cycle is a table: which move is legal in which state, and where it leads.

Code looks the move up, a refusal lists the legal ones, and the diagram in the
docs is drawn from the same rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

State = TypeVar("State", bound=StrEnum)
Move = TypeVar("Move", bound=StrEnum)


class InvalidTransitionError(Exception):
    """A move that this state does not allow."""

    def __init__(self, subject: str, state: str, move: str, legal: tuple[str, ...]) -> None:
        """Keep what was tried, on what, and what would have been legal."""
        super().__init__(f"{move} is not possible for {subject} that is {state}")
        self.subject = subject
        self.state = state
        self.move = move
        self.legal = legal


@dataclass(frozen=True, slots=True)
class StateMachine(Generic[State, Move]):
    """The legal moves of one kind of thing, as (state, move) -> next state."""

    subject: str
    table: Mapping[tuple[State, Move], State]

    def next_state(self, state: State, move: Move) -> State:
        """Return the state that follows; raise IllegalMoveError when the table has none."""
        following = self.table.get((state, move))
        if following is None:
            raise InvalidTransitionError(self.subject, state, move, self.allowed_transitions(state))
        return following

    def allowed_transitions(self, state: State) -> tuple[str, ...]:
        """Return the moves that are legal in this state, in table order."""
        return tuple(str(move) for (source, move) in self.table if source == state)

    def mermaid(self) -> str:
        """Draw the table as a Mermaid state diagram."""
        rows = (f"    {source} --> {to}: {move}" for (source, move), to in self.table.items())
        return "\n".join(["stateDiagram-v2", *rows])
