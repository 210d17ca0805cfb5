"""Learning: fits the parameters of the model to the outcomes of earlier cases.

Every fit uses all outcomes, in an order that depends only on their content. Therefore a model
without an outcome equals, to the last bit, the model that never saw it, and a correction leaves no
trace of what was corrected.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from app.kit.digest import digest
from app.scoring.arithmetic import probability_of, published_log_odds, published_share
from app.scoring.features import FIRST_SIGNAL_INDEX, STAGE_INDEX
from app.scoring.guard import Guard
from app.scoring.laplace import Normal, centred, maximum
from app.scoring.model import ELICITED, Fallback, Posterior
from app.scoring.outcomes import Floats, Outcome, TrainingSet, training_set
from app.scoring.prequential import base_rate_forecasts, log_bayes_factor
from app.scoring.sign_constraints import constrain

_DECIMALS: Final = 9  # of a stored posterior; the mode is found to a few more
_LEARNT: Final = dict.fromkeys(("baseline", "signals", "interval"), "learnt")
_STAGES: Final = list(STAGE_INDEX.values())
_SHIFT_PRIOR_STRENGTH: Final = 20.0  # counts as this many cases with a shift of 0


def learn(
    outcomes: Iterable[Outcome], prior: Posterior = ELICITED, *, half_life: float | None = None
) -> Posterior:
    """Return the posterior after these outcomes, with its guard (see `guard`).

    The order of the outcomes does not matter. With `half_life` in days, the weight of old outcomes
    decays; without it all count alike. When nothing can be learnt, the prior is returned with the
    reason in `fallback`. Raises ValueError when the half-life is not above 0, or when an outcome
    was encoded with other formulas.
    """
    rows, name = training_set(outcomes, half_life=half_life)
    posterior = _fitted(rows, name, prior)
    if posterior.fallback:
        return posterior
    try:
        return replace(posterior, guard=_guard(rows, prior))
    except np.linalg.LinAlgError:
        return replace(prior, fallback=Fallback.NO_MAXIMUM)


def fit(
    outcomes: Iterable[Outcome], prior: Posterior = ELICITED, *, half_life: float | None = None
) -> Posterior:
    """Return the same as `learn` without the guard, which takes most of its time."""
    return _fitted(*training_set(outcomes, half_life=half_life), prior)


def normal_of(posterior: Posterior) -> Normal:
    """Return the mean and the precision matrix of a posterior without its sign constraints.

    As a prior it must be unconstrained: a parameter that is constrained to zero would otherwise
    have a prior mean of zero.
    """
    return Normal(
        np.array(posterior.unconstrained_mean or posterior.mean),
        np.linalg.inv(posterior.factor @ posterior.factor.T),
    )


def published(normal: Normal) -> Posterior:
    """Return a posterior as it is stored and used: sign-constrained, rounded to nine decimals."""
    covariance = np.linalg.inv(normal.precision)
    factor = np.asarray(np.round(np.linalg.cholesky(covariance), _DECIMALS) + 0.0, np.float64)
    factor.flags.writeable = False
    constrained = constrain(normal.mean, covariance)
    mean, unconstrained = _rounded(constrained.means[0]), _rounded(normal.mean)
    return Posterior(
        mean,
        factor,
        overturned=constrained.overturned_signals,
        unconstrained_mean=None if mean == unconstrained else unconstrained,
    )


def _rounded(numbers: Floats) -> tuple[float, ...]:
    return tuple((np.round(numbers, _DECIMALS) + 0.0).tolist())


def _fitted(rows: TrainingSet, name: str, prior: Posterior) -> Posterior:
    if rows.size == 0:
        return replace(prior, fallback=Fallback.NO_OUTCOMES)
    if not rows.is_finite:
        return replace(prior, fallback=Fallback.NOT_FINITE)
    normal_prior = normal_of(prior)
    mode = maximum(rows, normal_prior, normal_prior.mean)
    if mode is None:
        return replace(prior, fallback=Fallback.NO_MAXIMUM)
    try:
        mean = centred(rows, mode.mean, np.linalg.inv(mode.precision))
        posterior = published(Normal(mean, mode.precision))
    except np.linalg.LinAlgError:  # weights so uneven that rounding makes the matrix singular
        return replace(prior, fallback=Fallback.NO_MAXIMUM)
    return replace(
        posterior,
        outcomes_learnt_from=rows.size,
        training_set=digest({"rows": name, "prior": prior.training_set}),
        provenance=_LEARNT,
        average_shift=_average_shift(rows, posterior),
        workspaces_pooled=prior.workspaces_pooled,
    )


def _average_shift(rows: TrainingSet, posterior: Posterior) -> float:
    """Return by how much evidence moves a case on average, shrunk towards 0 with few cases."""
    worths = np.array(posterior.mean)
    worths[:FIRST_SIGNAL_INDEX] = 0.0
    total = float(rows.weights @ (rows.features @ worths))
    return published_log_odds(total / (float(rows.weights.sum()) + _SHIFT_PRIOR_STRENGTH))


def _guard(rows: TrainingSet, prior: Posterior) -> Guard:
    rates = np.array([probability_of(prior.mean[index]) for index in _STAGES])
    variances = (prior.factor[_STAGES] ** 2).sum(axis=1)
    strengths = 1.0 / (variances * rates * (1.0 - rates))
    forecasts = base_rate_forecasts(rows, rates, strengths)
    log_factor = log_bayes_factor(rows, normal_of(prior), forecasts)
    at_stage = rows.features[:, _STAGES] * rows.weights[:, None]
    learnt = (rows.offered @ at_stage + rates * strengths) / (at_stage.sum(axis=0) + strengths)
    return Guard(
        published_share(probability_of(log_factor)),
        dict(zip(STAGE_INDEX, map(published_share, learnt.tolist()), strict=True)),
    )
