"""A good sign never lowers an estimate and a bad cue never raises it, unless outcomes prove it.

The worth of each signal, and that of the plain sum, must not fall below zero.
Where the outcomes alone would have it so, the likeliest parameters that keep
to this are taken. A signal is free of it once it is surer than `CERTAINTY` that
it misleads; the estimate then says so.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.scoring.features import FIRST_SIGNAL_PLACE, TOTAL_PLACE
from app.scoring.outcomes import Floats
from app.scoring.signals import CATALOGUE, SignalId

Flags = NDArray[np.bool_]

CERTAINTY: Final = 0.95
_CERTAIN_DEVIATIONS: Final = 1.6448536269514722  # of a normal belief, to one side
_SIGNALS: Final = np.arange(FIRST_SIGNAL_PLACE, TOTAL_PLACE)
_BOUND: Final = slice(FIRST_SIGNAL_PLACE, TOTAL_PLACE + 1)
_SLACK: Final = 0.02  # of a worth: along a path, what may be below zero before it is looked at anew


class ConstrainedPosterior(NamedTuple):
    """Parameters that keep to the direction of the signals, and the signals that are free of it."""

    means: Floats  # a row for each belief, a column for each of PARAMETERS
    turned: Flags  # likewise, with a column for each signal

    @property
    def overturned(self) -> tuple[SignalId, ...]:
        """The signals that the first belief overturns, in the order of the catalogue."""
        return tuple(
            row.id for row, turned in zip(CATALOGUE, self.turned[0], strict=True) if turned
        )


class Path(NamedTuple):
    """Normal beliefs one after the other, each of which has seen one outcome more."""

    means: Floats  # a row for each belief
    covariance: Floats  # of the first belief
    gains: Floats  # a row for each step: the covariance loses its outer product

    def covariance_at(self, place: int) -> Floats:
        """Return the covariance of one of the beliefs."""
        if place == 0:
            return self.covariance
        seen = self.gains[:place]
        left: Floats = self.covariance - seen.T @ seen
        return left


def directed(mean: Floats, covariance: Floats) -> ConstrainedPosterior:
    """Return the likeliest parameters of a belief whose bound worths are not negative."""
    return directed_along(Path(mean[None, :], covariance, np.empty((0, len(mean)))))


def directed_along(path: Path) -> ConstrainedPosterior:
    """Do what `directed` does for each belief of a path.

    What is held at zero changes rarely from one belief to the next, so many are found at once.
    """
    turned = _turned(path)
    means = path.means.copy()
    place = 0
    while place < len(means):
        covariance = path.covariance_at(place)
        bound = np.append(~turned[place], True)
        means[place] = _bounded(path.means[place], covariance, _places(bound))
        held = _places(bound & (means[place, _BOUND] <= 0.0))
        alike = slice(place + 1, place + _run(turned[place:]))
        place += 1
        if alike.stop > alike.start:
            found = _along(path, alike, covariance, held, bound)
            means[place : place + len(found)] = found
            place += len(found)
    return ConstrainedPosterior(means, turned)


def _turned(path: Path) -> Flags:
    """Return the signals that point the other way: what counts is a signal seen alone.

    Its effect is then its worth and that of the plain sum, added.
    """
    means, alone = path.means, path.gains[:, _SIGNALS] + path.gains[:, [TOTAL_PLACE]]
    effects = means[:, _SIGNALS] + means[:, [TOTAL_PLACE]]
    if effects.min() >= 0.0:
        return np.zeros(effects.shape, dtype=np.bool_)
    covariance = path.covariance
    first = covariance[_SIGNALS, _SIGNALS] + 2.0 * covariance[_SIGNALS, TOTAL_PLACE]
    variances = np.tile(first + covariance[TOTAL_PLACE, TOTAL_PLACE], (len(means), 1))
    variances[1:] -= np.cumsum(alone * alone, axis=0)[: len(means) - 1]
    certain: Flags = effects < -_CERTAIN_DEVIATIONS * np.sqrt(np.maximum(variances, 0.0))
    return certain


def _along(path: Path, part: slice, covariance: Floats, held: list[int], bound: Flags) -> Floats:
    """Return the beliefs of a part of a path, as far as the same parameters are held at zero."""
    means = path.means[part]
    if held:
        gains = path.gains[part.start - 1 : part.stop - 1]
        lost = np.cumsum(gains[:, :, None] * gains[:, None, held], axis=0)
        reach = covariance[:, held] - lost
        pulls = np.linalg.solve(reach[:, held], means[:, held, None])
        means = means - (reach @ pulls)[:, :, 0]
        means[:, held] = 0.0
        rising = (pulls[:, :, 0] > _SLACK / np.diagonal(reach[:, held], axis1=1, axis2=2)).any(
            axis=1
        )
    else:
        means, rising = means.copy(), np.zeros(len(means), dtype=np.bool_)
    kept = means[:, _BOUND]
    wrong = rising | (np.where(bound, kept, 0.0).min(axis=1) < -_SLACK)
    means = means[: int(np.argmax(wrong))] if wrong.any() else means
    kept = means[:, _BOUND]
    kept[:] = np.where(bound, np.maximum(kept, 0.0), kept)
    return means


def _run(turned: Flags) -> int:
    """Return how many beliefs from the first one on have overturned the same signals."""
    other = (turned != turned[0]).any(axis=1)
    return int(np.argmax(other)) if other.any() else len(turned)


def _places(which: Flags) -> list[int]:
    found: list[int] = (FIRST_SIGNAL_PLACE + np.flatnonzero(which)).tolist()
    return found


def _bounded(mean: Floats, covariance: Floats, bound: list[int]) -> Floats:
    """Return the likeliest parameters of which none of the bound ones is negative.

    An active set: what falls below zero is held at zero and the others follow by regression;
    what would rise by itself is let go again.
    """
    held: list[int] = []
    found = mean
    for _ in range(3 * len(bound)):
        found, pulls = _held_at_zero(mean, covariance, held)
        below = [place for place in bound if found[place] < 0.0 and place not in held]
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
