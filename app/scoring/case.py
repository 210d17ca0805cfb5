"""One application as the estimate sees it: interviews held, what was seen in each, how far it got.

A signal that is not in the mapping is unknown, and unknown says nothing; it is
not the same as absent, which was looked for and not seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.scoring.priors import EARLIER_ROUND_WEIGHT, LATEST_ROUND_WEIGHT
from app.scoring.signals import Level, SignalId


class Round(StrEnum):
    """The rounds of interviews, in the order in which they are reached."""

    FIRST = "first"
    SECOND = "second"
    FINAL = "final"


_ORDER = {each: place for place, each in enumerate(Round)}


@dataclass(frozen=True, slots=True)
class Interview:
    """One interview that took place, with the signals recorded in it."""

    id: str
    round: Round
    signals: Mapping[SignalId, Level]


@dataclass(frozen=True, slots=True)
class Case:
    """The interviews of one application, oldest first, and the highest round reached.

    `reached` matters when a later round is arranged but has not been held; a
    round below one already held changes nothing.
    """

    interviews: tuple[Interview, ...] = ()
    reached: Round | None = None

    @property
    def stage(self) -> Round:
        """The highest round held or arranged; the first when there is none yet."""
        known = [held.round for held in self.interviews]
        if self.reached is not None:
            known.append(self.reached)
        return max(known, key=_ORDER.__getitem__, default=Round.FIRST)

    @property
    def further_rounds(self) -> int:
        """How many different rounds were held beyond the one that every case starts with."""
        return max(0, len({held.round for held in self.interviews}) - 1)

    @property
    def latest(self) -> Interview | None:
        """The interview held last: of the highest round, the one that comes last in order."""
        return max(reversed(self.interviews), key=_round_order, default=None)


def _round_order(interview: Interview) -> int:
    return _ORDER[interview.round]


def weight_of(interview: Interview, stage: Round) -> float:
    """Return how much the evidence of an interview counts in a case that stands at this stage."""
    return LATEST_ROUND_WEIGHT if interview.round == stage else EARLIER_ROUND_WEIGHT
