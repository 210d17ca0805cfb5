"""Information of signals: mutual information with the outcome, and coverage of a case.

Both depend on the rate of each level with and without an offer. The ratios of those rates are
elicited, the rates themselves are not. The rates of maximum entropy among all that agree with the
ratios are used.
"""

import math
from typing import Final, NamedTuple

from app.scoring.arithmetic import divergence, exp, published_share
from app.scoring.case import Case, weight_of
from app.scoring.signals import CATALOGUE, Level, Signal

_NEWTON_STEPS: Final = 30  # a dozen suffice; fixed, so that the rates depend on no tolerance


class AnswerRate(NamedTuple):
    """Rate of one level, given an offer and given none."""

    level: Level
    value: float  # log-likelihood ratio in nats
    offer: float
    no_offer: float


def answer_rates(row: Signal) -> tuple[AnswerRate, ...]:
    """Return the maximum-entropy rates with the elicited ratios, weakest level first."""
    ratios = [exp(value) for value in row.values.values()]
    tilt = 0.0
    for _ in range(_NEWTON_STEPS):
        rates = _tilted(ratios, tilt)
        mean = math.fsum(rate * ratio for rate, ratio in zip(rates, ratios, strict=True))
        square = math.fsum(rate * ratio**2 for rate, ratio in zip(rates, ratios, strict=True))
        tilt += (mean - 1.0) / (square - mean * mean)
    rows = zip(row.values.items(), ratios, _tilted(ratios, tilt), strict=True)
    return tuple(
        AnswerRate(level, value, offer=rate * ratio, no_offer=rate)
        for (level, value), ratio, rate in rows
    )


def _tilted(ratios: list[float], tilt: float) -> list[float]:
    weights = [exp(-tilt * ratio) for ratio in ratios]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def information_of(rates: tuple[AnswerRate, ...]) -> float:
    """Return the mutual information of level and outcome at even prior odds, in nats."""
    return math.fsum(
        0.5
        * (rate.offer + rate.no_offer)
        * divergence(rate.offer / (rate.offer + rate.no_offer), 0.5)
        for rate in rates
    )


ANSWER_RATES: Final = {row.id: answer_rates(row) for row in CATALOGUE}
"""Rates of every signal, derived from the elicited ratios of the catalogue."""

INFORMATION: Final = {signal: information_of(rates) for signal, rates in ANSWER_RATES.items()}
"""Mutual information of each signal on its own, in nats."""

_TOTAL_INFORMATION: Final = math.fsum(INFORMATION.values())


def coverage(case: Case) -> float:
    """Return the recorded share of the possible information of all interviews held, 0 to 1."""
    if not case.interviews:
        return 0.0
    stage = case.stage
    weights = [weight_of(interview, stage) for interview in case.interviews]
    recorded = math.fsum(
        weight * INFORMATION[signal]
        for weight, interview in zip(weights, case.interviews, strict=True)
        for signal in interview.signals
    )
    return published_share(min(1.0, recorded / (_TOTAL_INFORMATION * math.fsum(weights))))
