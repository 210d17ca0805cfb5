"""What an answer would tell, and how much of what could be told has been.

It rests on how often each answer is given with and without an offer. The
ratios of those rates are elicited, the rates themselves are not, so the least
committal ones are used: of all that agree with the ratios, those of largest entropy.
"""

import math
from typing import Final, NamedTuple

from app.scoring.arithmetic import divergence, exp, published_share
from app.scoring.case import Case, weight_of
from app.scoring.signals import CATALOGUE, Level, Signal

_NEWTON_STEPS: Final = 30  # a dozen suffice; fixed, so that the rates do not hang on a tolerance


class AnswerRate(NamedTuple):
    """How often one level is observed, by what became of the case."""

    level: Level
    value: float  # log-likelihood ratio in nats
    offer: float
    no_offer: float


def answer_rates(row: Signal) -> tuple[AnswerRate, ...]:
    """Return the rates of largest entropy that have the elicited ratios, weakest level first."""
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
    shares = [exp(-tilt * ratio) for ratio in ratios]
    total = math.fsum(shares)
    return [share / total for share in shares]


def information_of(rates: tuple[AnswerRate, ...]) -> float:
    """Return what the answer tells about an outcome that is open as a coin's, in nats."""
    return math.fsum(
        0.5
        * (rate.offer + rate.no_offer)
        * divergence(rate.offer / (rate.offer + rate.no_offer), 0.5)
        for rate in rates
    )


ANSWER_RATES: Final = {row.id: answer_rates(row) for row in CATALOGUE}
"""The rates of every signal; elicited as the catalogue is."""

INFORMATION: Final = {signal: information_of(rates) for signal, rates in ANSWER_RATES.items()}
"""What each signal tells on its own, in nats."""

_ALL_INFORMATION: Final = math.fsum(INFORMATION.values())


def coverage(case: Case) -> float:
    """Return the recorded share of the information that the interviews held could give, 0 to 1."""
    if not case.interviews:
        return 0.0
    stage = case.stage
    weights = [weight_of(held, stage) for held in case.interviews]
    told = math.fsum(
        weight * INFORMATION[signal]
        for weight, held in zip(weights, case.interviews, strict=True)
        for signal in held.signals
    )
    return published_share(min(1.0, told / (_ALL_INFORMATION * math.fsum(weights))))
