"""Laplace's approximation: the normal belief at the joint maximum of prior and outcomes.

The maximum exists and is the only one, because the prior is normal and the
likelihood of a logistic model has no second one. Newton's method finds it. The
belief is then centred where the posterior has its mean, to the next order.
"""

from typing import Final, NamedTuple

import numpy as np

from app.scoring.outcomes import Floats, TrainingSet

_STEPS: Final = 50  # four or five suffice
_HALVINGS: Final = 30
# Squared lengths of a step, in standard deviations of the belief.
_LAST_STEP: Final = 1e-12  # what is still missing after it is of the order of its square
_SAFE_STEP: Final = 1e-2  # so short a step leads uphill


class Normal(NamedTuple):
    """A normal belief: where it is centred, and its precision matrix."""

    mean: Floats
    precision: Floats


def maximum(
    rows: TrainingSet, prior: Normal, start: Floats, *, near: float = _LAST_STEP
) -> Normal | None:
    """Return the belief at the joint maximum, or None if the numbers run away.

    `start` must come from nothing but the prior and the outcomes: the last bits remember it.
    `near` is the squared length, in deviations, of a step that may be the last.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            return _climbed(rows, prior, start, near)
        except np.linalg.LinAlgError:
            return None


def _climbed(rows: TrainingSet, prior: Normal, start: Floats, near: float) -> Normal | None:
    found = start
    for _ in range(_STEPS):
        slope, precision = derivatives(rows, prior, found)
        step = np.linalg.solve(precision, slope)
        length = float(slope @ step)
        if not np.isfinite(length):
            return None
        if length < near:
            return Normal(found + step, precision)
        if length > _SAFE_STEP:
            step = _shortened(rows, prior, found, step)
        found = found + step
    return None


def centred(rows: TrainingSet, at: Floats, covariance: Floats) -> Floats:
    """Return the mean of the posterior, given its maximum and the covariance there.

    It is not symmetric: offers are rare, so the likelihood falls off faster on one side. The next
    term of the expansion moves the mean by half the covariance times the slope of the curvature,
    which is enough to come five times closer to what a sampler finds. Where that would be further
    than one deviation the expansion says nothing any more, and one deviation is what it moves.
    """
    chances = sigmoid(rows.features @ at)
    spreads = ((rows.features @ covariance) * rows.features).sum(axis=1)
    skews = rows.weights * chances * (1.0 - chances) * (1.0 - 2.0 * chances)
    slope = rows.features.T @ (skews * spreads)
    moved = -0.5 * (covariance @ slope)
    deviations = float(np.sqrt(max(0.0, -0.5 * (slope @ moved))))
    mean: Floats = at + (moved / deviations if deviations > 1.0 else moved)
    return mean


def sigmoid(log_odds: Floats) -> Floats:
    """Return the probabilities that log-odds stand for, without overflow."""
    chance: Floats = 0.5 + 0.5 * np.tanh(0.5 * log_odds)
    return chance


def derivatives(rows: TrainingSet, prior: Normal, at: Floats) -> tuple[Floats, Floats]:
    """Return the slope of the log-posterior and its curvature, turned positive."""
    chance = sigmoid(rows.features @ at)
    slope = rows.features.T @ (rows.weights * (rows.offered - chance))
    slope -= prior.precision @ (at - prior.mean)
    curvature = rows.weights * chance * (1.0 - chance)
    return slope, (rows.features * curvature[:, None]).T @ rows.features + prior.precision


def _shortened(rows: TrainingSet, prior: Normal, found: Floats, step: Floats) -> Floats:
    """Halve a step until it no longer leads downhill."""
    here = _height(rows, prior, found)
    for _ in range(_HALVINGS):
        if _height(rows, prior, found + step) >= here:
            break
        step = step * 0.5
    return step


def _height(rows: TrainingSet, prior: Normal, at: Floats) -> float:
    log_odds = rows.features @ at
    fit = rows.weights @ (rows.offered * log_odds - np.logaddexp(0.0, log_odds))
    off = at - prior.mean
    return float(fit - 0.5 * (off @ prior.precision @ off))
