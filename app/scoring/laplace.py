"""Laplace approximation: a normal distribution at the mode of the posterior.

The mode exists and is unique, because the prior is normal and the log-likelihood of a logistic
model is concave. Newton's method finds it. The normal distribution is then centred on an
approximation of the posterior mean, which is one order more exact.
"""

from typing import Final, NamedTuple

import numpy as np

from app.scoring.outcomes import Floats, TrainingSet

_MAX_STEPS: Final = 50  # four or five suffice
_MAX_HALVINGS: Final = 30
# Squared lengths of a Newton step, in standard deviations of the posterior.
_LAST_STEP: Final = 1e-12  # the remaining error is of the order of its square
_SAFE_STEP: Final = 1e-2  # a shorter step always increases the log-posterior


class Normal(NamedTuple):
    """A normal distribution: its mean and its precision matrix."""

    mean: Floats
    precision: Floats


def maximum(
    rows: TrainingSet, prior: Normal, start: Floats, *, near: float = _LAST_STEP
) -> Normal | None:
    """Return the Laplace approximation at the mode, or None if Newton's method diverges.

    `start` must be determined by the prior and the outcomes alone, because the last bits depend on
    it. `near` is the squared length, in standard deviations, below which a step is the last one.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            return _newton(rows, prior, start, near)
        except np.linalg.LinAlgError:
            return None


def _newton(rows: TrainingSet, prior: Normal, start: Floats, near: float) -> Normal | None:
    point = start
    for _ in range(_MAX_STEPS):
        gradient, precision = derivatives(rows, prior, point)
        step = np.linalg.solve(precision, gradient)
        length = float(gradient @ step)
        if not np.isfinite(length):
            return None
        if length < near:
            return Normal(point + step, precision)
        if length > _SAFE_STEP:
            step = _shortened(rows, prior, point, step)
        point = point + step
    return None


def centred(rows: TrainingSet, mode: Floats, covariance: Floats) -> Floats:
    """Return the approximate mean of the posterior, given its mode and the covariance there.

    The posterior is not symmetric: offers are rare, so the likelihood falls faster on one side. The
    next term of the expansion shifts the mean by half the covariance times the gradient of the
    curvature. With it the mean is five times closer to the result of a sampler. Where the shift
    would exceed one standard deviation, the expansion is not valid and the shift is limited to one.
    """
    probabilities = sigmoid(rows.features @ mode)
    variances = ((rows.features @ covariance) * rows.features).sum(axis=1)
    skews = rows.weights * probabilities * (1.0 - probabilities) * (1.0 - 2.0 * probabilities)
    gradient = rows.features.T @ (skews * variances)
    shift = -0.5 * (covariance @ gradient)
    deviations = float(np.sqrt(max(0.0, -0.5 * (gradient @ shift))))
    mean: Floats = mode + (shift / deviations if deviations > 1.0 else shift)
    return mean


def sigmoid(log_odds: Floats) -> Floats:
    """Return the probabilities of log-odds, without overflow."""
    probability: Floats = 0.5 + 0.5 * np.tanh(0.5 * log_odds)
    return probability


def derivatives(rows: TrainingSet, prior: Normal, point: Floats) -> tuple[Floats, Floats]:
    """Return the gradient of the log-posterior and its negative Hessian."""
    probabilities = sigmoid(rows.features @ point)
    gradient = rows.features.T @ (rows.weights * (rows.offered - probabilities))
    gradient -= prior.precision @ (point - prior.mean)
    curvature = rows.weights * probabilities * (1.0 - probabilities)
    return gradient, (rows.features * curvature[:, None]).T @ rows.features + prior.precision


def _shortened(rows: TrainingSet, prior: Normal, point: Floats, step: Floats) -> Floats:
    """Halve a step until the log-posterior no longer decreases."""
    start = _log_posterior(rows, prior, point)
    for _ in range(_MAX_HALVINGS):
        if _log_posterior(rows, prior, point + step) >= start:
            break
        step = step * 0.5
    return step


def _log_posterior(rows: TrainingSet, prior: Normal, point: Floats) -> float:
    log_odds = rows.features @ point
    log_likelihood = rows.weights @ (rows.offered * log_odds - np.logaddexp(0.0, log_odds))
    offset = point - prior.mean
    return float(log_likelihood - 0.5 * (offset @ prior.precision @ offset))
