"""Next questions: ranks open signals by their expected information about the outcome.

The gain of a signal is the mutual information of its level and the outcome, given everything that
is recorded: the estimate is computed with each possible level, weighted by the level's probability.
"""

import math
from dataclasses import dataclass

from app.scoring.arithmetic import divergence, probability_of, published_share
from app.scoring.case import Case, Interview, weight_of
from app.scoring.features import (
    FIRST_SIGNAL_INDEX,
    FURTHER_ROUNDS_INDEX,
    STAGE_INDEX,
    Evidence,
)
from app.scoring.information import ANSWER_RATES
from app.scoring.model import Posterior
from app.scoring.saturation import Balance
from app.scoring.signals import CATALOGUE, SIGNALS, Signal, SignalId


@dataclass(frozen=True, slots=True)
class Question:
    """An open signal, and its expected information gain."""

    signal: SignalId
    interview: str
    gain: float  # mutual information between the answer and the outcome, in nats, nine decimals


def questions(
    case: Case, evidence: Evidence, balance: Balance, posterior: Posterior
) -> tuple[Question, ...]:
    """Return the open signals of the latest interview, the most informative first."""
    latest = case.latest
    if latest is None:
        return ()
    gains = _Gains(evidence, balance, posterior, weight_of(latest, evidence.stage))
    ranked = [Question(row.id, latest.id, gains.of(row)) for row in _open_signals(latest)]
    return tuple(sorted(ranked, key=_highest_gain_first))


class _Gains:
    """Computes the expected information gain of open signals for one case."""

    def __init__(
        self, evidence: Evidence, balance: Balance, posterior: Posterior, weight: float
    ) -> None:
        mean = posterior.mean
        further_rounds = mean[FURTHER_ROUNDS_INDEX] * evidence.further_rounds
        self._baseline = mean[STAGE_INDEX[evidence.stage]] + further_rounds
        self._balance = balance
        self._favourable = balance.favourable.effect
        self._unfavourable = balance.unfavourable.effect
        self._stage = evidence.stage
        self._guard = posterior.guard
        self._weight = weight
        self._current = self._probability(0.0, 0)

    def of(self, row: Signal) -> float:
        """Return the expected information gain of recording this signal, in nats."""
        rates, index = ANSWER_RATES[row.id], FIRST_SIGNAL_INDEX + row.index
        current = self._current
        weights = [current * rate.offer + (1.0 - current) * rate.no_offer for rate in rates]
        updated = [self._probability(self._weight * rate.value, index) for rate in rates]
        mean = math.fsum(map(_product, weights, updated))
        divergences = (divergence(probability, mean) for probability in updated)
        gain = math.fsum(map(_product, weights, divergences))
        return published_share(max(0.0, gain))

    def _probability(self, value: float, index: int) -> float:
        """Return the probability of an offer with one more observation of this weighted value."""
        probability = probability_of(self._log_odds(value, index))
        return self._guard.mixed(probability, self._stage) if self._guard else probability

    def _log_odds(self, value: float, index: int) -> float:
        balance, worths = self._balance, self._balance.worths
        unsaturated = balance.favourable.unsaturated - balance.unfavourable.unsaturated + value
        fixed = self._baseline + worths.total * unsaturated
        if value > 0.0:
            favourable = balance.favourable.with_value(value, index, worths).effect
            return fixed + favourable - self._unfavourable
        if value < 0.0:
            unfavourable = balance.unfavourable.with_value(-value, index, worths).effect
            return fixed + self._favourable - unfavourable
        return fixed + self._favourable - self._unfavourable


def _open_signals(latest: Interview) -> list[Signal]:
    return [row for row in CATALOGUE if row.id not in latest.signals]


def _highest_gain_first(question: Question) -> tuple[float, int]:
    return -question.gain, SIGNALS[question.signal].index


def _product(first: float, second: float) -> float:
    return first * second
