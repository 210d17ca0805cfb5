"""Which open question would tell most about the outcome, given all that is already recorded.

Every possible answer is tried on the estimate; a question is worth what its
answers, each as likely as it is now, would be expected to teach.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from app.scoring.arithmetic import divergence, probability_of, published_share, saturation
from app.scoring.case import Case, Interview, weight_of
from app.scoring.features import (
    FIRST_SIGNAL_PLACE,
    FURTHER_ROUNDS_PLACE,
    STAGE_PLACES,
    TOTAL_PLACE,
    Evidence,
)
from app.scoring.information import ANSWER_RATES
from app.scoring.model import Posterior
from app.scoring.signals import CATALOGUE, SIGNALS, Signal, SignalId


@dataclass(frozen=True, slots=True)
class Question:
    """An open signal, and how much its answer is expected to tell."""

    signal: SignalId
    interview: str
    gain: float  # mutual information between the answer and the outcome, in nats, nine decimals


class _Standing(NamedTuple):
    """Where the log-odds stand, kept in the parts that one more answer changes."""

    fixed: float  # baseline and the unsaturated sum
    favourable: float
    unfavourable: float
    raised: float  # favourable values times their worth, before saturation
    lowered: float
    total_worth: float

    @property
    def raising(self) -> float:
        return saturation(self.favourable) * self.raised

    @property
    def lowering(self) -> float:
        return saturation(self.unfavourable) * self.lowered

    @property
    def log_odds(self) -> float:
        return self.fixed + self.raising - self.lowering


def questions(case: Case, evidence: Evidence, posterior: Posterior) -> tuple[Question, ...]:
    """Return the open signals of the interview held last, the most telling first."""
    latest = case.latest
    if latest is None:
        return ()
    standing = _standing(evidence, posterior)
    gains = _Gains(standing, weight_of(latest, evidence.stage))
    asked = [
        Question(row.id, latest.id, gains.of(row, worth)) for row, worth in _open(latest, posterior)
    ]
    return tuple(sorted(asked, key=_most_telling_first))


class _Gains:
    """The expected gain of each open signal from one standing."""

    def __init__(self, standing: _Standing, weight: float) -> None:
        self._standing = standing
        self._weight = weight
        self._raising = standing.raising
        self._lowering = standing.lowering
        self._chance = probability_of(standing.log_odds)

    def of(self, row: Signal, worth: float) -> float:
        """Return the gain of asking for this signal, in nats."""
        rates = ANSWER_RATES[row.id]
        chance = self._chance
        likely = [chance * rate.offer + (1.0 - chance) * rate.no_offer for rate in rates]
        beliefs = [probability_of(self._with(self._weight * rate.value, worth)) for rate in rates]
        mean = math.fsum(map(_product, likely, beliefs))
        gain = math.fsum(map(_product, likely, (divergence(each, mean) for each in beliefs)))
        return published_share(max(0.0, gain))

    def _with(self, value: float, worth: float) -> float:
        """Return the log-odds with one more answer of this weighed value."""
        now = self._standing
        fixed = now.fixed + now.total_worth * value
        if value > 0.0:
            share = saturation(now.favourable + value)
            return fixed + share * (now.raised + worth * value) - self._lowering
        share = saturation(now.unfavourable - value)
        return fixed + self._raising - share * (now.lowered - worth * value)


def _standing(evidence: Evidence, posterior: Posterior) -> _Standing:
    mean, seen = posterior.mean, evidence.observations
    plain = evidence.favourable - evidence.unfavourable
    baseline = mean[STAGE_PLACES[evidence.stage]]
    further = mean[FURTHER_ROUNDS_PLACE] * evidence.further_rounds
    return _Standing(
        fixed=math.fsum((baseline, further, mean[TOTAL_PLACE] * plain)),
        favourable=evidence.favourable,
        unfavourable=evidence.unfavourable,
        raised=math.fsum(mean[each.parameter] * each.value for each in seen if each.value > 0.0),
        lowered=math.fsum(-mean[each.parameter] * each.value for each in seen if each.value < 0.0),
        total_worth=mean[TOTAL_PLACE],
    )


def _open(latest: Interview, posterior: Posterior) -> list[tuple[Signal, float]]:
    worths = posterior.mean[FIRST_SIGNAL_PLACE:TOTAL_PLACE]
    recorded = latest.signals
    return [pair for pair in zip(CATALOGUE, worths, strict=True) if pair[0].id not in recorded]


def _most_telling_first(question: Question) -> tuple[float, int]:
    return -question.gain, SIGNALS[question.signal].place


def _product(one: float, other: float) -> float:
    return one * other
