"""Posterior of the model's parameters: a mean, and a factor of the covariance.

Before any outcome it is the elicited prior. Learning returns another `Posterior` of the same shape,
so that the code of the estimate is the same with both.
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
    FIRST_SIGNAL_INDEX,
    FURTHER_ROUNDS_INDEX,
    PARAMETERS,
    STAGE_INDEX,
    TOTAL_INDEX,
)
from app.scoring.guard import Guard
from app.scoring.signals import CATALOGUE, Signal, SignalId


class Fallback(StrEnum):
    """Why nothing could be learnt and the prior is used."""

    NO_OUTCOMES = "no_outcomes"
    NOT_FINITE = "not_finite"
    NO_MAXIMUM = "no_maximum"


def _all_elicited() -> Mapping[str, str]:
    return dict.fromkeys(("baseline", "signals", "interval"), "elicited")


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """A normal distribution over PARAMETERS, and its provenance.

    `factor` has one row for each parameter and one column for each independent source of error.
    Factor times its transpose is the covariance.
    """

    mean: tuple[float, ...]
    factor: NDArray[np.float64]
    outcomes_learnt_from: int = 0
    training_set: str = ""  # digest of those outcomes
    provenance: Mapping[str, str] = field(default_factory=_all_elicited)
    guard: Guard | None = None  # only where outcomes were learnt from
    overturned: tuple[SignalId, ...] = ()  # signals that outcomes show to point the other way
    average_shift: float = 0.0  # nats by which the evidence of a case here moves it on average
    workspaces_pooled: int = 0  # number of workspaces whose summaries are in the prior
    fallback: Fallback | None = None
    unconstrained_mean: tuple[float, ...] | None = None  # None where it equals `mean`

    @property
    def version(self) -> str:
        """The digest that identifies this model."""
        return model_version(self.training_set)

    def worth_of(self, signal: Signal) -> float:
        """Return the worth of a signal: the coefficient of its log-likelihood ratios."""
        return self.mean[FIRST_SIGNAL_INDEX + signal.index]

    def variance(self, features: Sequence[float]) -> float:
        """Return the variance of the log-odds at these features, in squared nats."""
        # Not a matrix product, whose order of additions differs between machines.
        by_source = (np.array(features)[:, None] * self.factor).sum(axis=0)
        return math.fsum((by_source * by_source).tolist())


def _elicited() -> Posterior:
    """Return the prior: individual errors on the diagonal, two columns of shared errors."""
    stages = list(STAGE_INDEX.values())
    signals = slice(FIRST_SIGNAL_INDEX, TOTAL_INDEX)
    mean = np.zeros(len(PARAMETERS))
    mean[stages] = [log_odds_of(priors.BASE_RATES[stage]) for stage in STAGE_INDEX]
    mean[signals] = priors.WORTH
    factor = np.hstack([np.diag(_own_sds()), np.zeros((len(PARAMETERS), 2))])
    factor[stages, -2] = priors.BASE_RATE_SHARED_SD
    factor[signals, -1] = priors.WORTH_SHARED_SD
    factor.flags.writeable = False
    return Posterior(tuple(mean.tolist()), factor)


def _own_sds() -> list[float]:
    sds = [priors.BASE_RATE_OWN_SD] * len(PARAMETERS)
    sds[FURTHER_ROUNDS_INDEX] = priors.FURTHER_ROUND_SD
    sds[FIRST_SIGNAL_INDEX:TOTAL_INDEX] = [_worth_own_sd(row) for row in CATALOGUE]
    sds[TOTAL_INDEX] = priors.TOTAL_SD
    return sds


def _worth_own_sd(row: Signal) -> float:
    by_range = priors.WORTH_RANGE_SD / row.value_range
    return math.sqrt(priors.WORTH_OWN_SD * priors.WORTH_OWN_SD + by_range * by_range)


ELICITED: Final = _elicited()
"""The prior, before any outcome; all its numbers come from `priors`."""
