"""A good sign never lowers an estimate and a bad cue never raises it, unless outcomes prove it.

The worth of each signal, and that of the plain sum, must not fall below zero.
Where the outcomes alone would have it so, the likeliest parameters that keep
to this are taken. A signal is free of it once it is surer than `CERTAINTY` that
it misleads; the estimate then says so.
"""

from typing import Final, NamedTuple

import numpy as np

from app.scoring.features import FIRST_SIGNAL_PLACE, TOTAL_PLACE
from app.scoring.laplace import Normal
from app.scoring.outcomes import Floats
from app.scoring.signals import CATALOGUE, SignalId

CERTAINTY: Final = 0.95
_CERTAIN_DEVIATIONS: Final = 1.6448536269514722  # of a normal belief, to one side
_BOUND: Final = [FIRST_SIGNAL_PLACE + row.place for row in CATALOGUE]


class Directed(NamedTuple):
    """Parameters that keep to the direction of the signals, and the signals that are free of it."""

    mean: Floats
    overturned: tuple[SignalId, ...]  # in the order of the catalogue


def directed(belief: Normal) -> Directed:
    """Return the likeliest parameters of a belief whose bound worths are not negative."""
    if belief.mean[FIRST_SIGNAL_PLACE:].min() >= 0.0:
        return Directed(belief.mean, ())
    covariance = np.linalg.inv(belief.precision)
    free = _overturned(belief.mean, covariance)
    bound = [place for place, row in zip(_BOUND, CATALOGUE, strict=True) if row.id not in free]
    return Directed(_bounded(belief.mean, covariance, [*bound, TOTAL_PLACE]), free)


def _overturned(mean: Floats, covariance: Floats) -> tuple[SignalId, ...]:
    """Return the signals that point the other way: what counts is a signal seen alone.

    Its effect is then its worth and that of the plain sum, added.
    """
    effects = mean[_BOUND] + mean[TOTAL_PLACE]
    variances = covariance[_BOUND, _BOUND] + 2.0 * covariance[_BOUND, TOTAL_PLACE]
    spreads = np.sqrt(variances + covariance[TOTAL_PLACE, TOTAL_PLACE])
    turned = effects < -_CERTAIN_DEVIATIONS * spreads
    return tuple(row.id for row, is_turned in zip(CATALOGUE, turned, strict=True) if is_turned)


def _bounded(mean: Floats, covariance: Floats, bound: list[int]) -> Floats:
    """Return the likeliest parameters of which none of the bound ones is negative.

    An active set: what falls below zero is held at zero and the others follow by regression;
    what would rise by itself is let go again.
    """
    held: list[int] = []
    found = mean
    for _ in range(3 * len(bound)):
        found, pulls = _held_at_zero(mean, covariance, held)
        below = [place for place in bound if place not in held and found[place] < 0.0]
        if not below and not (pulls > 0.0).any():
            break
        held = [place for place, pull in zip(held, pulls, strict=True) if pull <= 0.0]
        held += [place for place in below if place not in held]
    found = found.copy()
    found[bound] = np.maximum(found[bound], 0.0)
    return found


def _held_at_zero(mean: Floats, covariance: Floats, held: list[int]) -> tuple[Floats, Floats]:
    """Return the conditional mean with these parameters at zero, and where each would go."""
    if not held:
        return mean, np.empty(0)
    pulls = np.linalg.solve(covariance[np.ix_(held, held)], mean[held])
    found = mean - covariance[:, held] @ pulls
    found[held] = 0.0
    return found, pulls
