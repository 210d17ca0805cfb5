"""The evidence of one case under one belief: what is left of a signal's worth where others agree.

Agreement saturates in what the signals are worth and not in their mere
number: beside a typical worth w, evidence of worth s in all gives w times asinh(s/w).
This rises with all that goes into s, so a good sign cannot lower an estimate
however different the worths have become. While they are equal it is the form
that outcomes are learnt with.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from app.scoring.arithmetic import published_log_odds, saturation
from app.scoring.features import (
    FIRST_SIGNAL_PLACE,
    TOTAL_PLACE,
    Evidence,
    Observation,
)
from app.scoring.model import Posterior
from app.scoring.signals import CATALOGUE

_REACH: Final = tuple(row.reach for row in CATALOGUE)


class SignalWeights(NamedTuple):
    """The worths of a belief, by place among PARAMETERS; what is no signal has none."""

    worth: tuple[float, ...]
    relative: tuple[float, ...]  # size of the worth beside the typical one, never negative
    turned: frozenset[int]  # places of the signals that were overturned
    total: float  # of the plain sum


@lru_cache(maxsize=64)
def worths_of(posterior: Posterior) -> SignalWeights:
    """Return the worths under a belief."""
    own = posterior.mean[FIRST_SIGNAL_PLACE:TOTAL_PLACE]
    relative = worth_beside_typical(own)
    rest = (0.0,) * FIRST_SIGNAL_PLACE
    turned = (FIRST_SIGNAL_PLACE + row.place for row in CATALOGUE if row.id in posterior.overturned)
    return SignalWeights(
        (*rest, *own), (*rest, *relative), frozenset(turned), posterior.mean[TOTAL_PLACE]
    )


def worth_beside_typical(worths: Sequence[float]) -> list[float]:
    """Return the size of each worth beside the typical one, which counts far-reaching signals more.

    Rounded to twelve decimals, so that equal worths are exactly 1 beside each other.
    """
    sizes = [abs(worth) for worth in worths]
    typical = math.fsum(map(_product, sizes, _REACH)) / math.fsum(_REACH)
    if typical == 0.0:
        return [0.0 for _ in sizes]
    return [published_log_odds(size / typical) for size in sizes]


@dataclass(frozen=True, slots=True)
class Side:
    """All that speaks for an offer, or all that speaks against one, in sizes that are not negative.

    Signals that were overturned are kept apart: they may weaken each other, but not
    what the others say.
    """

    strength: float = 0.0  # values times their relative worth
    worth: float = 0.0  # values times their worth
    turned_strength: float = 0.0
    turned_worth: float = 0.0  # negative
    plain: float = 0.0  # values as they are

    @property
    def kept(self) -> float:
        """What saturation leaves of each value."""
        return saturation(self.strength)

    @property
    def turned_kept(self) -> float:
        """What saturation leaves of a value whose signal was overturned."""
        return saturation(self.strength + self.turned_strength)

    @property
    def effect(self) -> float:
        """The saturated worth in nats."""
        effect = self.kept * self.worth
        return effect + self.turned_kept * self.turned_worth if self.turned_worth else effect

    def joined_by(self, size: float, place: int, worths: SignalWeights) -> "Side":
        """Return the side with one more value of the signal at this place."""
        strength, worth = worths.relative[place] * size, worths.worth[place] * size
        plain = self.plain + size
        if place in worths.turned:
            return Side(
                self.strength,
                self.worth,
                self.turned_strength + strength,
                self.turned_worth + worth,
                plain,
            )
        return Side(
            self.strength + strength,
            self.worth + worth,
            self.turned_strength,
            self.turned_worth,
            plain,
        )


@dataclass(frozen=True, slots=True)
class Balance:
    """The two sides of a case, and what is left of each value on them."""

    worths: SignalWeights
    favourable: Side
    unfavourable: Side
    shares: tuple[tuple[float, float], tuple[float, float]]  # kept, by unfavourable and turned

    def kept_of(self, observations: Iterable[Observation]) -> list[float]:
        """Return what saturation leaves of each value."""
        shares, turned = self.shares, self.worths.turned
        return [
            shares[value <= 0.0][place in turned] * value for _, _, _, place, value in observations
        ]

    def effects_of(self, observations: Iterable[Observation]) -> list[float]:
        """Return by how many nats each observation moves the log-odds."""
        worths, _, turned, total = self.worths
        shares = self.shares
        return [
            (worths[place] * shares[value <= 0.0][place in turned] + total) * value
            for _, _, _, place, value in observations
        ]


def balance_of(evidence: Evidence, posterior: Posterior) -> Balance:
    """Weigh the evidence of a case by what is believed of each signal."""
    worths = worths_of(posterior)
    values = [(place, value) for _, _, _, place, value in evidence.observations]
    favourable = _side([each for each in values if each[1] > 0.0], worths)
    unfavourable = _side([(place, -value) for place, value in values if value < 0.0], worths)
    shares = (
        (favourable.kept, favourable.turned_kept),
        (unfavourable.kept, unfavourable.turned_kept),
    )
    return Balance(worths, favourable, unfavourable, shares)


def _side(values: list[tuple[int, float]], worths: SignalWeights) -> Side:
    """Add up the values, given with the places of their signals, without regard to their order."""
    plain = math.fsum([value for _, value in values])
    if not worths.turned:
        return Side(_sum(values, worths.relative), _sum(values, worths.worth), plain=plain)
    agreeing = [each for each in values if each[0] not in worths.turned]
    turned = [each for each in values if each[0] in worths.turned]
    return Side(
        _sum(agreeing, worths.relative),
        _sum(agreeing, worths.worth),
        _sum(turned, worths.relative),
        _sum(turned, worths.worth),
        plain,
    )


def _sum(values: list[tuple[int, float]], factors: tuple[float, ...]) -> float:
    return math.fsum([factors[place] * value for place, value in values])


def _product(one: float, other: float) -> float:
    return one * other
