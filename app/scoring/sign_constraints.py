"""Sign constraints: a good sign never lowers an estimate and a bad cue never raises it.

The worth of each signal, and the factor on the unsaturated sum, must not be negative. Where the
outcomes would make one negative, the most likely parameters that satisfy the constraints are used.
A signal is exempt (overturned) once the probability that it points the other way exceeds
`CERTAINTY`; the estimate then lists it.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.scoring.features import FIRST_SIGNAL_INDEX, TOTAL_INDEX
from app.scoring.outcomes import Floats
from app.scoring.signals import CATALOGUE, SignalId

Flags = NDArray[np.bool_]

CERTAINTY: Final = 0.95
_Z_CERTAINTY: Final = 1.6448536269514722  # one-sided quantile of `CERTAINTY`
_SIGNALS: Final = np.arange(FIRST_SIGNAL_INDEX, TOTAL_INDEX)
_CONSTRAINED: Final = slice(FIRST_SIGNAL_INDEX, TOTAL_INDEX + 1)
_TOLERANCE: Final = 0.02  # in worths: violation along a path up to which the active set is reused


class ConstrainedPosterior(NamedTuple):
    """Means that satisfy the sign constraints, and the signals that are exempt from them."""

    means: Floats  # a row for each posterior, a column for each of PARAMETERS
    overturned: Flags  # a row for each posterior, a column for each signal

    @property
    def overturned_signals(self) -> tuple[SignalId, ...]:
        """The signals that the first posterior overturns, in the order of the catalogue."""
        return tuple(
            row.id
            for row, is_overturned in zip(CATALOGUE, self.overturned[0], strict=True)
            if is_overturned
        )


class PosteriorPath(NamedTuple):
    """A sequence of normal posteriors, each updated with one more outcome."""

    means: Floats  # a row for each posterior
    covariance: Floats  # of the first posterior
    gains: Floats  # a row for each step, whose outer product is subtracted from the covariance

    def covariance_at(self, index: int) -> Floats:
        """Return the covariance of one of the posteriors."""
        if index == 0:
            return self.covariance
        gains = self.gains[:index]
        covariance: Floats = self.covariance - gains.T @ gains
        return covariance


def constrain(mean: Floats, covariance: Floats) -> ConstrainedPosterior:
    """Return the most likely parameters of a posterior that satisfy the sign constraints."""
    return constrain_path(PosteriorPath(mean[None, :], covariance, np.empty((0, len(mean)))))


def constrain_path(path: PosteriorPath) -> ConstrainedPosterior:
    """Apply `constrain` to each posterior of a path.

    The active set rarely changes from one posterior to the next, so that many are computed at once.
    """
    overturned = _overturned(path)
    means = path.means.copy()
    index = 0
    while index < len(means):
        covariance = path.covariance_at(index)
        constrained = np.append(~overturned[index], True)
        means[index] = _constrained_mean(path.means[index], covariance, _indexes(constrained))
        active = _indexes(constrained & (means[index, _CONSTRAINED] <= 0.0))
        same = slice(index + 1, index + _run_length(overturned[index:]))
        index += 1
        if same.stop > same.start:
            following = _following_means(path, same, covariance, active, constrained)
            means[index : index + len(following)] = following
            index += len(following)
    return ConstrainedPosterior(means, overturned)


def _overturned(path: PosteriorPath) -> Flags:
    """Return which signals point the other way when they are the only evidence.

    The effect of a single signal is its worth plus the factor on the unsaturated sum.
    """
    means, gains = path.means, path.gains[:, _SIGNALS] + path.gains[:, [TOTAL_INDEX]]
    effects = means[:, _SIGNALS] + means[:, [TOTAL_INDEX]]
    if effects.min() >= 0.0:
        return np.zeros(effects.shape, dtype=np.bool_)
    covariance = path.covariance
    first = covariance[_SIGNALS, _SIGNALS] + 2.0 * covariance[_SIGNALS, TOTAL_INDEX]
    variances = np.tile(first + covariance[TOTAL_INDEX, TOTAL_INDEX], (len(means), 1))
    variances[1:] -= np.cumsum(gains * gains, axis=0)[: len(means) - 1]
    overturned: Flags = effects < -_Z_CERTAINTY * np.sqrt(np.maximum(variances, 0.0))
    return overturned


def _following_means(
    path: PosteriorPath, part: slice, covariance: Floats, active: list[int], constrained: Flags
) -> Floats:
    """Return the constrained means of a part of a path, up to where the active set changes."""
    means = path.means[part]
    if active:
        gains = path.gains[part.start - 1 : part.stop - 1]
        reduction = np.cumsum(gains[:, :, None] * gains[:, None, active], axis=0)
        columns = covariance[:, active] - reduction
        gradients = np.linalg.solve(columns[:, active], means[:, active, None])
        means = means - (columns @ gradients)[:, :, 0]
        means[:, active] = 0.0
        variances = np.diagonal(columns[:, active], axis1=1, axis2=2)
        must_release = (gradients[:, :, 0] > _TOLERANCE / variances).any(axis=1)
    else:
        means, must_release = means.copy(), np.zeros(len(means), dtype=np.bool_)
    values = means[:, _CONSTRAINED]
    is_invalid = must_release | (np.where(constrained, values, 0.0).min(axis=1) < -_TOLERANCE)
    means = means[: int(np.argmax(is_invalid))] if is_invalid.any() else means
    values = means[:, _CONSTRAINED]
    values[:] = np.where(constrained, np.maximum(values, 0.0), values)
    return means


def _run_length(overturned: Flags) -> int:
    """Return how many posteriors from the first one on have overturned the same signals."""
    is_different = (overturned != overturned[0]).any(axis=1)
    return int(np.argmax(is_different)) if is_different.any() else len(overturned)


def _indexes(flags: Flags) -> list[int]:
    indexes: list[int] = (FIRST_SIGNAL_INDEX + np.flatnonzero(flags)).tolist()
    return indexes


def _constrained_mean(mean: Floats, covariance: Floats, constrained: list[int]) -> Floats:
    """Return the most likely parameters of which no constrained one is negative.

    An active-set method: a negative parameter is fixed at zero, and the others follow by
    regression. A fixed parameter that would increase is released again.
    """
    active: list[int] = []
    solution = mean
    for _ in range(3 * len(constrained)):
        solution, gradients = _conditional_mean(mean, covariance, active)
        negative = [index for index in constrained if solution[index] < 0.0 and index not in active]
        if not negative and not (gradients > 0.0).any():
            break
        active = [
            index for index, gradient in zip(active, gradients, strict=True) if gradient <= 0.0
        ]
        active += [index for index in negative if index not in active]
    solution = solution.copy()
    solution[constrained] = np.maximum(solution[constrained], 0.0)
    return solution


def _conditional_mean(mean: Floats, covariance: Floats, active: list[int]) -> tuple[Floats, Floats]:
    """Return the mean given that the active parameters are zero, and the gradients of these.

    The gradients are those of the log-density: a positive one means that the parameter would
    increase.
    """
    if not active:
        return mean, np.empty(0)
    gradients = np.linalg.solve(covariance[np.ix_(active, active)], mean[active])
    solution = mean - covariance[:, active] @ gradients
    solution[active] = 0.0
    return solution, gradients
