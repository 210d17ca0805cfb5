"""What is believed about the model's parameters: a mean, and a factor of their covariance.

Before any outcome it is the elicited belief. Learning hands over another
`Posterior` of the same shape, and nothing that estimates has to change.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.scoring import priors
from app.scoring.arithmetic import log_odds_of
from app.scoring.digest import model_version
from app.scoring.features import (
    FIRST_SIGNAL_PLACE,
    FURTHER_ROUNDS_PLACE,
    PARAMETERS,
    STAGE_PLACES,
    TOTAL_PLACE,
)
from app.scoring.guard import Guard
from app.scoring.signals import CATALOGUE, Signal, SignalId


class Fallback(StrEnum):
    """Why nothing could be learnt, and the belief is the one from before."""

    NO_OUTCOMES = "no_outcomes"
    NOT_FINITE = "not_finite"
    NO_MAXIMUM = "no_maximum"


def _all_elicited() -> Mapping[str, str]:
    return dict.fromkeys(("baseline", "signals", "interval"), "elicited")


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """A normal belief over PARAMETERS, and where it comes from.

    `factor` has one row for each parameter and one column for each independent
    source of error; factor times its transpose is the covariance.
    """

    mean: tuple[float, ...]
    factor: NDArray[np.float64]
    outcomes_learnt_from: int = 0
    training_set: str = ""  # digest of those outcomes
    provenance: Mapping[str, str] = field(default_factory=_all_elicited)
    guard: Guard | None = None  # only where outcomes were learnt from
    overturned: tuple[SignalId, ...] = ()  # signals that outcomes show to point the other way
    usual: float = 0.0  # by how many nats that which is recorded usually moves a case here
    workspaces_pooled: int = 0  # whose summaries learning started from
    fallback: Fallback | None = None
    undirected: tuple[float, ...] | None = None  # the mean, where it was bound to the directions

    @property
    def version(self) -> str:
        """The digest that names this model."""
        return model_version(self.training_set)

    def worth_of(self, signal: Signal) -> float:
        """Return what the ratios of a signal are multiplied by."""
        return self.mean[FIRST_SIGNAL_PLACE + signal.place]

    def variance(self, features: Sequence[float]) -> float:
        """Return the variance of the log-odds at these features, in squared nats."""
        # Not a matrix product: that one adds in an order which differs between machines.
        by_source = (np.array(features)[:, None] * self.factor).sum(axis=0)
        return math.fsum((by_source * by_source).tolist())


def _elicited() -> Posterior:
    """Return the belief before any outcome: own errors on the diagonal, two shared columns."""
    stages = list(STAGE_PLACES.values())
    signals = slice(FIRST_SIGNAL_PLACE, TOTAL_PLACE)
    mean = np.zeros(len(PARAMETERS))
    mean[stages] = [log_odds_of(priors.BASE_RATES[stage]) for stage in STAGE_PLACES]
    mean[signals] = priors.WORTH
    factor = np.hstack([np.diag(_own_sds()), np.zeros((len(PARAMETERS), 2))])
    factor[stages, -2] = priors.BASE_RATE_SHARED_SD
    factor[signals, -1] = priors.WORTH_SHARED_SD
    factor.flags.writeable = False
    return Posterior(tuple(mean.tolist()), factor)


def _own_sds() -> list[float]:
    sds = [priors.BASE_RATE_OWN_SD] * len(PARAMETERS)
    sds[FURTHER_ROUNDS_PLACE] = priors.FURTHER_ROUND_SD
    sds[FIRST_SIGNAL_PLACE:TOTAL_PLACE] = [_worth_own_sd(row) for row in CATALOGUE]
    sds[TOTAL_PLACE] = priors.TOTAL_SD
    return sds


def _worth_own_sd(row: Signal) -> float:
    by_reach = priors.WORTH_REACH_SD / row.reach
    return math.sqrt(priors.WORTH_OWN_SD * priors.WORTH_OWN_SD + by_reach * by_reach)


ELICITED: Final = _elicited()
"""The belief at no outcomes at all; every number of it comes from `priors`."""
