"""Calibration: compares forecasts, frozen before the outcome was known, with the outcomes.

Of all cases with a forecast of 30 %, about 30 in 100 should end with an offer. The scores are
compared with those of the base rate: a forecaster that always names the observed share of offers.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.scoring.arithmetic import log, published_share

FLOOR: Final = 30
"""With fewer outcomes the result cannot be distinguished from chance."""

_BINS: Final = 10
_MIN_BIN_SIZE: Final = 10  # a smaller bin could identify a case, and would say nothing reliable
_Z_90: Final = 1.6448536269514722  # standard deviations on either side, for 90 %
_MIN_PROBABILITY: Final = 1e-9  # lower bound in the logarithm, so that no loss is infinite


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast probability, frozen before the outcome was known, and the outcome."""

    probability: float
    offered: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """At least ten forecasts between two probabilities; the last bin includes its upper end."""

    low: float
    high: float
    count: int
    forecast: float  # mean probability
    observed: float  # share of offers
    interval: tuple[float, float]  # 90 % Wilson interval of that share


@dataclass(frozen=True, slots=True)
class Score:
    """A mean loss of the model and of the base rate; lower is better."""

    model: float
    base_rate: float
    gain: float  # loss of the base rate minus loss of the model; positive: the model is better
    gain_interval: tuple[float, float]  # 90 %, from the variance of the paired differences


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well forecasts agree with outcomes."""

    outcomes: int
    base_rate: float
    bins: tuple[Bin, ...]  # tenths, each merged with the next until it is large enough
    error: float  # expected calibration error: mean |forecast - observed|, weighted by count
    brier: Score
    log_loss: Score  # in nats


def calibration_of(forecasts: Iterable[Forecast]) -> Calibration | None:
    """Return the calibration of forecasts; None while there are fewer than `FLOOR`.

    The order of the forecasts does not matter.
    """
    ordered = sorted(forecasts, key=_sort_key)
    if len(ordered) < FLOOR:
        return None
    base_rate = math.fsum(forecast.offered for forecast in ordered) / len(ordered)
    bins = tuple(_bin(low, high, content) for low, high, content in _merged(_binned(ordered)))
    distance = math.fsum(bin_.count * abs(bin_.forecast - bin_.observed) for bin_ in bins)
    return Calibration(
        len(ordered),
        published_share(base_rate),
        bins,
        published_share(distance / len(ordered)),
        brier=_score(ordered, base_rate, _brier),
        log_loss=_score(ordered, base_rate, _log_loss),
    )


def wilson(successes: int, count: int) -> tuple[float, float]:
    """Return the 90 % Wilson score interval of a share, after `successes` in `count` trials."""
    square = _Z_90 * _Z_90
    share = successes / count
    center = (share + square / (2.0 * count)) / (1.0 + square / count)
    spread = math.sqrt(share * (1.0 - share) / count + square / (4.0 * count * count))
    margin = _Z_90 * spread / (1.0 + square / count)
    return published_share(max(0.0, center - margin)), published_share(min(1.0, center + margin))


def _binned(forecasts: Sequence[Forecast]) -> list[list[Forecast]]:
    bins: list[list[Forecast]] = [[] for _ in range(_BINS)]
    for forecast in forecasts:
        bins[min(_BINS - 1, int(forecast.probability * _BINS))].append(forecast)
    return bins


def _merged(bins: Sequence[list[Forecast]]) -> list[tuple[int, int, list[Forecast]]]:
    """Merge bins until they are large enough; return them with the tenths at their ends."""
    merged: list[tuple[int, int, list[Forecast]]] = []
    low, high, content = 0, 0, list[Forecast]()
    for index, forecasts in enumerate(bins):
        if not forecasts:
            continue
        low, high, content = low if content else index, index + 1, content + forecasts
        if len(content) >= _MIN_BIN_SIZE:
            merged.append((low, high, content))
            content = []
    if content:  # too few for a bin of their own
        start, _, last = merged.pop()
        merged.append((start, high, last + content))
    return merged


def _bin(low: int, high: int, forecasts: Sequence[Forecast]) -> Bin:
    count = len(forecasts)
    offers = sum(forecast.offered for forecast in forecasts)
    return Bin(
        low=low / _BINS,
        high=high / _BINS,
        count=count,
        forecast=published_share(math.fsum(forecast.probability for forecast in forecasts) / count),
        observed=published_share(offers / count),
        interval=wilson(offers, count),
    )


def _score(
    forecasts: Sequence[Forecast], base_rate: float, loss: Callable[[float, bool], float]
) -> Score:
    model = [loss(forecast.probability, forecast.offered) for forecast in forecasts]
    base = [loss(base_rate, forecast.offered) for forecast in forecasts]
    gains = [base_loss - model_loss for base_loss, model_loss in zip(base, model, strict=True)]
    mean = math.fsum(gains) / len(gains)
    variance = math.fsum((gain - mean) ** 2 for gain in gains) / (len(gains) - 1)
    margin = _Z_90 * math.sqrt(variance / len(gains))
    return Score(
        published_share(math.fsum(model) / len(model)),
        published_share(math.fsum(base) / len(base)),
        published_share(mean),
        (published_share(mean - margin), published_share(mean + margin)),
    )


def _brier(probability: float, offered: bool) -> float:  # noqa: FBT001 - an outcome is a yes or a no
    return (probability - offered) ** 2


def _log_loss(probability: float, offered: bool) -> float:  # noqa: FBT001 - likewise
    likelihood = probability if offered else 1.0 - probability
    return -log(max(_MIN_PROBABILITY, likelihood))


def _sort_key(forecast: Forecast) -> tuple[float, bool]:
    return forecast.probability, forecast.offered
