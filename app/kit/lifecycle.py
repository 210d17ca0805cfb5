"""Finite state machines as transition tables: from a state and a move to the next state.

Code looks up a move, an error lists the allowed ones, and the diagrams of the docs are drawn from
the same table.
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
        """Record the move, its subject and state, and the moves that are allowed."""
        super().__init__(f"{move} is not possible for {subject} that is {state}")
        self.subject = subject
        self.state = state
        self.move = move
        self.legal = legal


@dataclass(frozen=True, slots=True)
class StateMachine(Generic[State, Move]):
    """The transitions of one type of resource, as (state, move) -> next state."""

    subject: str
    table: Mapping[tuple[State, Move], State]

    def next_state(self, state: State, move: Move) -> State:
        """Return the next state; raise InvalidTransitionError when the table has none."""
        target = self.table.get((state, move))
        if target is None:
            raise InvalidTransitionError(self.subject, state, move, self.allowed_transitions(state))
        return target

    def allowed_transitions(self, state: State) -> tuple[str, ...]:
        """Return the moves that are allowed in this state, in table order."""
        return tuple(str(move) for (source, move) in self.table if source == state)

    def mermaid(self) -> str:
        """Return the table as a Mermaid state diagram."""
        rows = (f"    {source} --> {to}: {move}" for (source, move), to in self.table.items())
        return "\n".join(["stateDiagram-v2", *rows])
