"""Learn what signals are worth here from what became of earlier cases.

Belief is found anew from all outcomes every time, in an order that depends on
nothing but what they hold. So a model without an outcome is the model that
never saw it, to the last bit, and a correction leaves no trace of what was corrected.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from app.kit.digest import digest
from app.scoring.arithmetic import probability_of, published_log_odds, published_share
from app.scoring.features import FIRST_SIGNAL_PLACE, STAGE_PLACES
from app.scoring.guard import Guard
from app.scoring.laplace import Normal, centred, maximum
from app.scoring.model import ELICITED, Fallback, Posterior
from app.scoring.outcomes import Floats, Outcome, TrainingSet, training_set
from app.scoring.prequential import base_rate_forecasts, log_bayes_factor
from app.scoring.sign_constraints import directed

_DECIMALS: Final = 9  # of what is published; the maximum is found to a few more
_LEARNT: Final = dict.fromkeys(("baseline", "signals", "interval"), "learnt")
_STAGES: Final = list(STAGE_PLACES.values())
_USUAL_STRENGTH: Final = 20.0  # as if so many cases had been seen that move nowhere


def learn(
    outcomes: Iterable[Outcome], prior: Posterior = ELICITED, *, half_life: float | None = None
) -> Posterior:
    """Return what is to be believed after these outcomes, guarded by the base rate.

    Their order is of no account. `half_life` in days lets old outcomes fade;
    without it all count alike. Where nothing can be learnt the prior comes back, with the
    reason in `fallback`. Raises ValueError when the half-life is not above
    0 or an outcome was packed by other formulas.
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
    """Do what `learn` does and leave the guard out, which takes most of its time."""
    return _fitted(*training_set(outcomes, half_life=half_life), prior)


def normal_of(belief: Posterior) -> Normal:
    """Return the mean and the precision matrix of a belief, as it was before it was directed.

    Learning goes on from there: what was bound to zero would otherwise be believed to be zero.
    """
    return Normal(
        np.array(belief.undirected or belief.mean), np.linalg.inv(belief.factor @ belief.factor.T)
    )


def published(belief: Normal) -> Posterior:
    """Return a belief as it is stored and used: directed, and rounded to nine decimals."""
    covariance = np.linalg.inv(belief.precision)
    factor = np.asarray(np.round(np.linalg.cholesky(covariance), _DECIMALS) + 0.0, np.float64)
    factor.flags.writeable = False
    found = directed(belief.mean, covariance)
    mean, undirected = _rounded(found.means[0]), _rounded(belief.mean)
    return Posterior(
        mean,
        factor,
        overturned=found.overturned,
        undirected=None if mean == undirected else undirected,
    )


def _rounded(numbers: Floats) -> tuple[float, ...]:
    return tuple((np.round(numbers, _DECIMALS) + 0.0).tolist())


def _fitted(rows: TrainingSet, name: str, prior: Posterior) -> Posterior:
    if rows.size == 0:
        return replace(prior, fallback=Fallback.NO_OUTCOMES)
    if not rows.is_finite:
        return replace(prior, fallback=Fallback.NOT_FINITE)
    before = normal_of(prior)
    found = maximum(rows, before, before.mean)
    if found is None:
        return replace(prior, fallback=Fallback.NO_MAXIMUM)
    try:
        mean = centred(rows, found.mean, np.linalg.inv(found.precision))
        posterior = published(Normal(mean, found.precision))
    except np.linalg.LinAlgError:  # weights so uneven that the covariance is lost in rounding
        return replace(prior, fallback=Fallback.NO_MAXIMUM)
    return replace(
        posterior,
        outcomes_learnt_from=rows.size,
        training_set=digest({"rows": name, "prior": prior.training_set}),
        provenance=_LEARNT,
        usual=_usual(rows, posterior),
        workspaces_pooled=prior.workspaces_pooled,
    )


def _usual(rows: TrainingSet, posterior: Posterior) -> float:
    """Return how far evidence moves a case on average, drawn towards 0 while few are known."""
    worths = np.array(posterior.mean)
    worths[:FIRST_SIGNAL_PLACE] = 0.0
    moved = float(rows.weights @ (rows.features @ worths))
    return published_log_odds(moved / (float(rows.weights.sum()) + _USUAL_STRENGTH))


def _guard(rows: TrainingSet, prior: Posterior) -> Guard:
    rates = np.array([probability_of(prior.mean[place]) for place in _STAGES])
    variances = (prior.factor[_STAGES] ** 2).sum(axis=1)
    strengths = 1.0 / (variances * rates * (1.0 - rates))
    forecasts = base_rate_forecasts(rows, rates, strengths)
    lead = log_bayes_factor(rows, normal_of(prior), forecasts)
    at_stage = rows.features[:, _STAGES] * rows.weights[:, None]
    learnt = (rows.offered @ at_stage + rates * strengths) / (at_stage.sum(axis=0) + strengths)
    return Guard(
        published_share(probability_of(lead)),
        dict(zip(STAGE_PLACES, map(published_share, learnt.tolist()), strict=True)),
    )
