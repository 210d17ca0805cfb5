"""Saturation: the evidence of one case under one posterior, with diminishing effect of agreement.

The sum of the worths saturates, not the number of signals: with a typical worth w, evidence of
total worth s gives w times asinh(s/w). This increases with every part of s, so that a good sign
cannot lower an estimate, however much the worths differ. With equal worths it is the formula of the
features that outcomes are learnt with.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from app.scoring.arithmetic import published_log_odds, saturation
from app.scoring.features import (
    FIRST_SIGNAL_INDEX,
    TOTAL_INDEX,
    Evidence,
    Observation,
)
from app.scoring.model import Posterior
from app.scoring.signals import CATALOGUE

_RANGES: Final = tuple(row.value_range for row in CATALOGUE)


class SignalWeights(NamedTuple):
    """The worths under a posterior, by index in PARAMETERS; 0 for parameters of no signal."""

    worth: tuple[float, ...]
    relative: tuple[float, ...]  # absolute worth divided by the typical one
    overturned: frozenset[int]  # indexes of the overturned signals
    total: float  # factor on the unsaturated sum


@lru_cache(maxsize=64)
def worths_of(posterior: Posterior) -> SignalWeights:
    """Return the worths under a posterior."""
    worths = posterior.mean[FIRST_SIGNAL_INDEX:TOTAL_INDEX]
    relative = relative_worths(worths)
    padding = (0.0,) * FIRST_SIGNAL_INDEX
    overturned = (
        FIRST_SIGNAL_INDEX + row.index for row in CATALOGUE if row.id in posterior.overturned
    )
    return SignalWeights(
        (*padding, *worths),
        (*padding, *relative),
        frozenset(overturned),
        posterior.mean[TOTAL_INDEX],
    )


def relative_worths(worths: Sequence[float]) -> list[float]:
    """Return each absolute worth divided by the typical one, their mean weighted by value range.

    Rounded to twelve decimals, so that equal worths give exactly 1.
    """
    sizes = [abs(worth) for worth in worths]
    typical = math.fsum(map(_product, sizes, _RANGES)) / math.fsum(_RANGES)
    if typical == 0.0:
        return [0.0 for _ in sizes]
    return [published_log_odds(size / typical) for size in sizes]


@dataclass(frozen=True, slots=True)
class Side:
    """The evidence for an offer, or the evidence against one; values are not negative.

    Overturned signals have sums of their own: they saturate with all signals, but they do not
    saturate the others.
    """

    strength: float = 0.0  # sum of values times relative worth
    worth: float = 0.0  # sum of values times worth
    overturned_strength: float = 0.0
    overturned_worth: float = 0.0  # negative
    unsaturated: float = 0.0  # sum of values

    @property
    def factor(self) -> float:
        """The saturation factor of each value."""
        return saturation(self.strength)

    @property
    def overturned_factor(self) -> float:
        """The saturation factor of each value of an overturned signal."""
        return saturation(self.strength + self.overturned_strength)

    @property
    def effect(self) -> float:
        """The saturated worth in nats."""
        effect = self.factor * self.worth
        if not self.overturned_worth:
            return effect
        return effect + self.overturned_factor * self.overturned_worth

    def with_value(self, value: float, index: int, worths: SignalWeights) -> "Side":
        """Return the side with one more value of the signal at this index."""
        strength, worth = worths.relative[index] * value, worths.worth[index] * value
        unsaturated = self.unsaturated + value
        if index in worths.overturned:
            return Side(
                self.strength,
                self.worth,
                self.overturned_strength + strength,
                self.overturned_worth + worth,
                unsaturated,
            )
        return Side(
            self.strength + strength,
            self.worth + worth,
            self.overturned_strength,
            self.overturned_worth,
            unsaturated,
        )


@dataclass(frozen=True, slots=True)
class Balance:
    """The favourable and the unfavourable side of a case, and their saturation factors."""

    worths: SignalWeights
    favourable: Side
    unfavourable: Side
    factors: tuple[tuple[float, float], tuple[float, float]]  # [is unfavourable][is overturned]

    def saturated_values(self, observations: Iterable[Observation]) -> list[float]:
        """Return the saturated value of each observation."""
        factors, overturned = self.factors, self.worths.overturned
        return [
            factors[value <= 0.0][index in overturned] * value
            for _, _, _, index, value in observations
        ]

    def effects_of(self, observations: Iterable[Observation]) -> list[float]:
        """Return by how many nats each observation moves the log-odds."""
        worths, _, overturned, total = self.worths
        factors = self.factors
        return [
            (worths[index] * factors[value <= 0.0][index in overturned] + total) * value
            for _, _, _, index, value in observations
        ]


def balance_of(evidence: Evidence, posterior: Posterior) -> Balance:
    """Weigh the evidence of a case by the worths of its signals under a posterior."""
    worths = worths_of(posterior)
    values = [(index, value) for _, _, _, index, value in evidence.observations]
    favourable = _side([(index, value) for index, value in values if value > 0.0], worths)
    unfavourable = _side([(index, -value) for index, value in values if value < 0.0], worths)
    factors = (
        (favourable.factor, favourable.overturned_factor),
        (unfavourable.factor, unfavourable.overturned_factor),
    )
    return Balance(worths, favourable, unfavourable, factors)


def _side(values: list[tuple[int, float]], worths: SignalWeights) -> Side:
    """Add up values, given with the indexes of their signals; their order does not matter."""
    unsaturated = math.fsum([value for _, value in values])
    if not worths.overturned:
        return Side(
            _sum(values, worths.relative), _sum(values, worths.worth), unsaturated=unsaturated
        )
    normal = [entry for entry in values if entry[0] not in worths.overturned]
    overturned = [entry for entry in values if entry[0] in worths.overturned]
    return Side(
        _sum(normal, worths.relative),
        _sum(normal, worths.worth),
        _sum(overturned, worths.relative),
        _sum(overturned, worths.worth),
        unsaturated,
    )


def _sum(values: list[tuple[int, float]], factors: tuple[float, ...]) -> float:
    return math.fsum([factors[index] * value for index, value in values])


def _product(first: float, second: float) -> float:
    return first * second
