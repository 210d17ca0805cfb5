"""Pooling: a hierarchical model that learns from other workspaces by sums, never by cases.

Each workspace has its own parameters around common ones: theta_w = theta + delta_w. Its outcomes
are summarised as an information matrix and a vector. They inform the common parameters through the
Schur complement of delta_w. The pool of the other workspaces is the prior of a workspace.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from app.kit.digest import digest
from app.scoring.features import PARAMETERS
from app.scoring.laplace import Normal, derivatives, maximum
from app.scoring.learning import normal_of, published
from app.scoring.model import ELICITED, Posterior
from app.scoring.outcomes import Floats, Outcome, training_set

SMALLEST_SHARED: Final = 30
"""Minimum number of outcomes in a summary: the sums of a few could reveal a case."""

OWN_SHARE: Final = 0.35
"""Share of the prior variance that is between workspaces (delta_w), not common to all."""

_DECIMALS: Final = 9
_SIZE: Final = len(PARAMETERS)
_POOLED: Final = dict.fromkeys(("baseline", "signals", "interval"), "pooled")


@dataclass(frozen=True, slots=True)
class Summary:
    """The outcomes of one workspace as a normal likelihood of PARAMETERS."""

    information: tuple[tuple[float, ...], ...]  # matrix, in order of PARAMETERS
    vector: tuple[float, ...]  # information times the maximum-likelihood parameters
    outcomes: int

    @property
    def name(self) -> str:
        """The digest of the summary in hex."""
        numbers = np.array([*self.information, self.vector], dtype="<f8")
        return hashlib.sha256(numbers.tobytes()).hexdigest()


def summarise(
    outcomes: Iterable[Outcome], prior: Posterior = ELICITED, *, half_life: float | None = None
) -> Summary | None:
    """Return the likelihood of the outcomes, without the prior, expanded at the posterior mode.

    Returns None below `SMALLEST_SHARED` outcomes, or when there is no mode.
    """
    rows, _ = training_set(outcomes, half_life=half_life)
    if rows.size < SMALLEST_SHARED or not rows.is_finite:
        return None
    normal_prior = normal_of(prior)
    mode = maximum(rows, normal_prior, normal_prior.mean)
    if mode is None:
        return None
    flat_prior = Normal(mode.mean, np.zeros((_SIZE, _SIZE)))
    gradient, information = derivatives(rows, flat_prior, mode.mean)
    vector = information @ mode.mean + gradient
    return Summary(
        tuple(map(tuple, (np.round(information, _DECIMALS) + 0.0).tolist())),
        tuple((np.round(vector, _DECIMALS) + 0.0).tolist()),
        rows.size,
    )


def pool(summaries: Iterable[Summary], prior: Posterior = ELICITED) -> Posterior:
    """Return the prior of a workspace, given the summaries of others.

    The workspace's own summary must be left out, because its outcomes are learnt from directly. The
    order of the summaries does not matter. Without any, the given prior is returned.
    """
    ordered = sorted(summaries, key=_name)
    if not ordered:
        return prior
    covariance = prior.factor @ prior.factor.T
    own, center = OWN_SHARE * covariance, np.array(prior.mean)
    precision = np.linalg.inv((1.0 - OWN_SHARE) * covariance)
    vector = np.zeros(_SIZE)
    for summary in ordered:
        information = np.array(summary.information)
        discount = _discount(information, own)
        precision += discount @ information
        vector += discount @ (np.array(summary.vector) - information @ center)
    common = np.linalg.inv(precision)
    mean = center + common @ vector
    return replace(
        published(Normal(mean, np.linalg.inv(common + own))),
        training_set=digest([summary.name for summary in ordered]),
        provenance=_POOLED,
        workspaces_pooled=len(ordered),
    )


def _discount(information: Floats, own: Floats) -> Floats:
    """Return the factor that discounts a workspace's information for its own parameters.

    It is (1 + information own)^-1; times the information it is the Schur complement of delta_w.
    """
    discount: Floats = np.linalg.inv(np.eye(_SIZE) + information @ own)
    return discount


def _name(summary: Summary) -> str:
    return summary.name
