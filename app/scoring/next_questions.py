"""Which open question would tell most about the outcome, given all that is already recorded.

Every possible answer is tried on the estimate; a question is worth what its
answers, each as likely as it is now, would be expected to teach.
"""

import math
from dataclasses import dataclass

from app.scoring.arithmetic import divergence, probability_of, published_share
from app.scoring.case import Case, Interview, weight_of
from app.scoring.features import (
    FIRST_SIGNAL_PLACE,
    FURTHER_ROUNDS_PLACE,
    STAGE_PLACES,
    Evidence,
)
from app.scoring.information import ANSWER_RATES
from app.scoring.model import Posterior
from app.scoring.saturation import Balance
from app.scoring.signals import CATALOGUE, SIGNALS, Signal, SignalId


@dataclass(frozen=True, slots=True)
class Question:
    """An open signal, and how much its answer is expected to tell."""

    signal: SignalId
    interview: str
    gain: float  # mutual information between the answer and the outcome, in nats, nine decimals


def questions(
    case: Case, evidence: Evidence, balance: Balance, posterior: Posterior
) -> tuple[Question, ...]:
    """Return the open signals of the interview held last, the most telling first."""
    latest = case.latest
    if latest is None:
        return ()
    gains = _Gains(evidence, balance, posterior, weight_of(latest, evidence.stage))
    asked = [Question(row.id, latest.id, gains.of(row)) for row in _open(latest)]
    return tuple(sorted(asked, key=_most_telling_first))


class _Gains:
    """The expected gain of each open signal, from where the log-odds stand."""

    def __init__(
        self, evidence: Evidence, balance: Balance, posterior: Posterior, weight: float
    ) -> None:
        mean = posterior.mean
        further = mean[FURTHER_ROUNDS_PLACE] * evidence.further_rounds
        self._baseline = mean[STAGE_PLACES[evidence.stage]] + further
        self._balance = balance
        self._raising = balance.favourable.effect
        self._lowering = balance.unfavourable.effect
        self._stage = evidence.stage
        self._guard = posterior.guard
        self._weight = weight
        self._chance = self._belief(0.0, 0)

    def of(self, row: Signal) -> float:
        """Return the gain of asking for this signal, in nats."""
        rates, place = ANSWER_RATES[row.id], FIRST_SIGNAL_PLACE + row.place
        chance = self._chance
        likely = [chance * rate.offer + (1.0 - chance) * rate.no_offer for rate in rates]
        beliefs = [self._belief(self._weight * rate.value, place) for rate in rates]
        mean = math.fsum(map(_product, likely, beliefs))
        gain = math.fsum(map(_product, likely, (divergence(each, mean) for each in beliefs)))
        return published_share(max(0.0, gain))

    def _belief(self, value: float, place: int) -> float:
        """Return the probability of an offer with one more answer of this weighed value."""
        chance = probability_of(self._log_odds(value, place))
        return self._guard.mixed(chance, self._stage) if self._guard else chance

    def _log_odds(self, value: float, place: int) -> float:
        now, worths = self._balance, self._balance.worths
        plain = now.favourable.plain - now.unfavourable.plain + value
        fixed = self._baseline + worths.total * plain
        if value > 0.0:
            raising = now.favourable.joined_by(value, place, worths).effect
            return fixed + raising - self._lowering
        if value < 0.0:
            lowering = now.unfavourable.joined_by(-value, place, worths).effect
            return fixed + self._raising - lowering
        return fixed + self._raising - self._lowering


def _open(latest: Interview) -> list[Signal]:
    return [row for row in CATALOGUE if row.id not in latest.signals]


def _most_telling_first(question: Question) -> tuple[float, int]:
    return -question.gain, SIGNALS[question.signal].place


def _product(one: float, other: float) -> float:
    return one * other
