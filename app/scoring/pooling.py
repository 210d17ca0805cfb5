"""What workspaces may learn from each other without showing a case: sums, never rows.

Each workspace has parameters of its own around those common to all: theta_w =
theta + delta_w. What its outcomes say is summed up as an information matrix and a vector.
At the joint maximum a workspace reaches the common parameters through
the Schur complement of its own; the pool of the others is where its own learning starts.
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
"""Outcomes that a summary must hold: from the sums of a few, a case could be worked out."""

OWN_SHARE: Final = 0.35
"""The part of the doubt before any outcome that is about one workspace and not about all."""

_DECIMALS: Final = 9
_SIZE: Final = len(PARAMETERS)
_POOLED: Final = dict.fromkeys(("baseline", "signals", "interval"), "pooled")


@dataclass(frozen=True, slots=True)
class Summary:
    """What the outcomes of one workspace say of PARAMETERS, as a normal likelihood."""

    information: tuple[tuple[float, ...], ...]  # matrix, in order of PARAMETERS
    vector: tuple[float, ...]  # information times the likeliest parameters
    outcomes: int

    @property
    def name(self) -> str:
        """Hex characters that name what the summary holds."""
        numbers = np.array([*self.information, self.vector], dtype="<f8")
        return hashlib.sha256(numbers.tobytes()).hexdigest()


def summarise(
    outcomes: Iterable[Outcome], prior: Posterior = ELICITED, *, half_life: float | None = None
) -> Summary | None:
    """Sum up what outcomes say, whatever the prior says, around the maximum of both together.

    Returns None below `SMALLEST_SHARED` outcomes, or where there is no maximum.
    """
    rows, _ = training_set(outcomes, half_life=half_life)
    if rows.size < SMALLEST_SHARED or not rows.is_finite:
        return None
    before = normal_of(prior)
    found = maximum(rows, before, before.mean)
    if found is None:
        return None
    flat = Normal(found.mean, np.zeros((_SIZE, _SIZE)))
    slope, information = derivatives(rows, flat, found.mean)
    vector = information @ found.mean + slope
    return Summary(
        tuple(map(tuple, (np.round(information, _DECIMALS) + 0.0).tolist())),
        tuple((np.round(vector, _DECIMALS) + 0.0).tolist()),
        rows.size,
    )


def pool(summaries: Iterable[Summary], prior: Posterior = ELICITED) -> Posterior:
    """Return where a workspace starts that knows what others have summed up.

    Leave its own summary out: its outcomes are learnt from as they are. The order of the summaries
    is of no account, and without any the prior comes back.
    """
    others = sorted(summaries, key=_name)
    if not others:
        return prior
    covariance = prior.factor @ prior.factor.T
    own, center = OWN_SHARE * covariance, np.array(prior.mean)
    precision = np.linalg.inv((1.0 - OWN_SHARE) * covariance)
    pull = np.zeros(_SIZE)
    for summary in others:
        information = np.array(summary.information)
        through = _through(information, own)
        precision += through @ information
        pull += through @ (np.array(summary.vector) - information @ center)
    common = np.linalg.inv(precision)
    mean = center + common @ pull
    return replace(
        published(Normal(mean, np.linalg.inv(common + own))),
        training_set=digest([summary.name for summary in others]),
        provenance=_POOLED,
        workspaces_pooled=len(others),
    )


def _through(information: Floats, own: Floats) -> Floats:
    """Return what is left of a workspace's word once its own parameters may differ.

    (1 + information own)^-1: times the information it is the Schur complement of delta_w.
    """
    left: Floats = np.linalg.inv(np.eye(_SIZE) + information @ own)
    return left


def _name(summary: Summary) -> str:
    return summary.name
