"""Case: the interviews of one application with their signals, as input of the estimate.

A signal that is not in the mapping is unknown and contributes nothing. That is not the same as the
level `absent`: the signal was looked for and not observed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.scoring.priors import EARLIER_ROUND_WEIGHT, LATEST_ROUND_WEIGHT
from app.scoring.signals import Level, SignalId


class Round(StrEnum):
    """The rounds of interviews, in order."""

    FIRST = "first"
    SECOND = "second"
    FINAL = "final"


_ORDER = {round_: index for index, round_ in enumerate(Round)}


@dataclass(frozen=True, slots=True)
class Interview:
    """One interview that took place, with the signals recorded in it."""

    id: str
    round: Round
    signals: Mapping[SignalId, Level]


@dataclass(frozen=True, slots=True)
class Case:
    """The interviews of one application, oldest first, and the highest round reached.

    `reached` matters when a later round is arranged but has not been held. A round below one
    already held changes nothing.
    """

    interviews: tuple[Interview, ...] = ()
    reached: Round | None = None

    @property
    def stage(self) -> Round:
        """The highest round held or arranged; the first round when there is none yet."""
        rounds = [interview.round for interview in self.interviews]
        if self.reached is not None:
            rounds.append(self.reached)
        return max(rounds, key=_ORDER.__getitem__, default=Round.FIRST)

    @property
    def further_rounds(self) -> int:
        """Number of different rounds held, not counting the first one held."""
        return max(0, len({interview.round for interview in self.interviews}) - 1)

    @property
    def latest(self) -> Interview | None:
        """The latest interview: the last one of the highest round."""
        return max(reversed(self.interviews), key=_round_order, default=None)


def _round_order(interview: Interview) -> int:
    return _ORDER[interview.round]


def weight_of(interview: Interview, stage: Round) -> float:
    """Return the weight of an interview's evidence in a case at this stage."""
    return LATEST_ROUND_WEIGHT if interview.round == stage else EARLIER_ROUND_WEIGHT
