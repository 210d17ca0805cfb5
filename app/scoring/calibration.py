"""Were the estimates right? Probabilities that were frozen in time, held against what happened.

Of all cases given thirty percent, about thirty in a hundred should end with an
offer. The scores stand beside those of someone who names the same
probability every time, the share of offers there was: whoever knows only that.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.scoring.arithmetic import log, published_share

FLOOR: Final = 30
"""Fewer outcomes than this say nothing that could be told from chance."""

_BINS: Final = 10
_LEAST_IN_A_BIN: Final = (
    10  # of fewer, one could tell whose they are, and not whether they are right
)
_DEVIATIONS: Final = 1.6448536269514722  # either side of the middle, for 90 percent
_SUREST: Final = 1e-9  # no forecast counts as surer, so that no loss is infinite


@dataclass(frozen=True, slots=True)
class Forecast:
    """A probability as it stood before the outcome was known, and the outcome."""

    probability: float
    offered: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """At least ten forecasts between two probabilities; the last bin holds its upper end too."""

    low: float
    high: float
    count: int
    forecast: float  # mean probability
    observed: float  # share of offers
    interval: tuple[float, float]  # of that share, 90 percent, Wilson's


@dataclass(frozen=True, slots=True)
class Score:
    """A mean loss, lower is better, beside that of the base rate."""

    model: float
    base_rate: float
    gain: float  # base rate less model; positive is better than the base rate
    gain_interval: tuple[float, float]  # 90 percent, from the spread of the paired differences


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well estimates agreed with what happened."""

    outcomes: int
    base_rate: float
    bins: tuple[Bin, ...]  # tenths, joined with the next until they hold enough
    error: float  # mean distance of forecast and observed share over the bins, by count
    brier: Score
    log_loss: Score  # in nats


def calibration_of(forecasts: Iterable[Forecast]) -> Calibration | None:
    """Hold forecasts against outcomes; None, "not yet", while there are fewer than `FLOOR`.

    Their order is of no account.
    """
    told = sorted(forecasts, key=_order)
    if len(told) < FLOOR:
        return None
    base_rate = math.fsum(each.offered for each in told) / len(told)
    bins = tuple(_bin(low, high, held) for low, high, held in _joined(_binned(told)))
    distance = math.fsum(each.count * abs(each.forecast - each.observed) for each in bins)
    return Calibration(
        len(told),
        published_share(base_rate),
        bins,
        published_share(distance / len(told)),
        brier=_score(told, base_rate, _brier),
        log_loss=_score(told, base_rate, _log_loss),
    )


def wilson(successes: int, count: int) -> tuple[float, float]:
    """Return the interval that holds a share with 90 percent, after this many of so many."""
    square = _DEVIATIONS * _DEVIATIONS
    share = successes / count
    middle = (share + square / (2.0 * count)) / (1.0 + square / count)
    spread = math.sqrt(share * (1.0 - share) / count + square / (4.0 * count * count))
    reach = _DEVIATIONS * spread / (1.0 + square / count)
    return published_share(max(0.0, middle - reach)), published_share(min(1.0, middle + reach))


def _binned(told: Sequence[Forecast]) -> list[list[Forecast]]:
    bins: list[list[Forecast]] = [[] for _ in range(_BINS)]
    for each in told:
        bins[min(_BINS - 1, int(each.probability * _BINS))].append(each)
    return bins


def _joined(bins: Sequence[list[Forecast]]) -> list[tuple[int, int, list[Forecast]]]:
    """Return bins that hold enough, with the tenths where they begin and end."""
    joined: list[tuple[int, int, list[Forecast]]] = []
    low, high, held = 0, 0, list[Forecast]()
    for at, more in enumerate(bins):
        if not more:
            continue
        low, high, held = low if held else at, at + 1, held + more
        if len(held) >= _LEAST_IN_A_BIN:
            joined.append((low, high, held))
            held = []
    if held:  # too few for a bin of their own
        start, _, last = joined.pop()
        joined.append((start, high, last + held))
    return joined


def _bin(low: int, high: int, held: Sequence[Forecast]) -> Bin:
    offers = sum(each.offered for each in held)
    return Bin(
        low=low / _BINS,
        high=high / _BINS,
        count=len(held),
        forecast=published_share(math.fsum(each.probability for each in held) / len(held)),
        observed=published_share(offers / len(held)),
        interval=wilson(offers, len(held)),
    )


def _score(
    told: Sequence[Forecast], base_rate: float, loss: Callable[[float, bool], float]
) -> Score:
    model = [loss(each.probability, each.offered) for each in told]
    base = [loss(base_rate, each.offered) for each in told]
    gains = [theirs - ours for theirs, ours in zip(base, model, strict=True)]
    gain = math.fsum(gains) / len(gains)
    variance = math.fsum((each - gain) ** 2 for each in gains) / (len(gains) - 1)
    reach = _DEVIATIONS * math.sqrt(variance / len(gains))
    return Score(
        published_share(math.fsum(model) / len(model)),
        published_share(math.fsum(base) / len(base)),
        published_share(gain),
        (published_share(gain - reach), published_share(gain + reach)),
    )


def _brier(probability: float, offered: bool) -> float:  # noqa: FBT001 - an outcome is a yes or a no
    return (probability - offered) ** 2


def _log_loss(probability: float, offered: bool) -> float:  # noqa: FBT001 - likewise
    foretold = probability if offered else 1.0 - probability
    return -log(max(_SUREST, foretold))


def _order(forecast: Forecast) -> tuple[float, bool]:
    return forecast.probability, forecast.offered
