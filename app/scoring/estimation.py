"""Estimate: probability of an offer, its explanation, its interval, and what to ask next.

The estimate is a sum of log-odds. Every term is rounded before the addition. Therefore the terms
in a response add up to its total, and the same evidence gives the same bytes on every machine.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

from app.scoring import priors
from app.scoring.arithmetic import (
    log_odds_of,
    probability_of,
    published_log_odds,
    published_share,
)
from app.scoring.case import Case, Round
from app.scoring.digest import inputs_digest
from app.scoring.features import (
    FURTHER_ROUNDS_INDEX,
    STAGE_INDEX,
    Evidence,
    evidence_of,
    features_of,
)
from app.scoring.guard import Guard
from app.scoring.information import coverage
from app.scoring.model import ELICITED, Fallback, Posterior
from app.scoring.next_questions import Question, questions
from app.scoring.saturation import Balance, balance_of
from app.scoring.signals import Level, SignalId


class Band(StrEnum):
    """The estimate in one word; `too_early` when the evidence is too weak for another word."""

    TOO_EARLY = "too_early"
    UNLIKELY = "unlikely"
    POSSIBLE = "possible"
    LIKELY = "likely"
    VERY_LIKELY = "very_likely"


_MAX_INTERVAL_WIDTH = 0.5  # of the 80 % interval
MIN_COVERAGE = 0.25
"""Share of the information that has to be observed; below it, the estimate is `too_early`."""
_UPPER_ENDS = ((0.2, Band.UNLIKELY), (0.5, Band.POSSIBLE), (0.8, Band.LIKELY))


@dataclass(frozen=True, slots=True)
class Baseline:
    """The estimate without any observed signal."""

    probability: float
    log_odds: float


class Contribution(NamedTuple):
    """The log-odds that one recorded signal of one interview contributes."""

    signal: SignalId
    interview: str
    level: Level
    log_odds: float  # natural, positive is towards an offer


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """Shrinkage of an estimate towards the learnt base rate, see `guard`."""

    log_odds: float  # natural, positive is towards an offer
    model_weight: float  # weight of the model in the mixture with the base rate, 0 to 1
    base_rate: float  # probability of an offer at this stage
    between: float  # between-model variance of the mixture, in squared log-odds


@dataclass(frozen=True, slots=True)
class Estimate:
    """The probability of an offer, with everything needed to explain and to recompute it.

    The log-odds are the sum of the baseline, all contributions and the shrinkage, if there is one,
    within 1e-12. The probability is the median of its posterior distribution.
    """

    probability: float
    interval: Mapping[str, tuple[float, float]]  # of the probability, keys "80" and "95" (percent)
    band: Band
    log_odds: float
    log_odds_sd: float  # standard deviation of the log-odds, including model error
    baseline: Baseline
    contributions: tuple[Contribution, ...]  # by interview, then in the order of the catalogue
    coverage: float  # recorded share of the possible information, 0 to 1
    next_questions: tuple[Question, ...]  # open signals of the latest interview, best first
    outcomes_learnt_from: int
    provenance: Mapping[str, str]
    model_version: str
    inputs_digest: str
    fallback: Fallback | None = None  # why nothing could be learnt
    workspaces_pooled: int = 0  # number of workspaces whose summaries are in the prior
    shrinkage: Shrinkage | None = None  # None before any outcome is known
    reversed_signals: tuple[SignalId, ...] = ()  # recorded signals that point the other way

    def interval_at(self, mass: float) -> tuple[float, float]:
        """Return the central interval of the probability that has this posterior mass.

        Raises ValueError unless the mass lies strictly between 0 and 1.
        """
        return interval_around(self.log_odds, self.log_odds_sd, mass)


def estimate(
    case: Case, posterior: Posterior = ELICITED, *, with_questions: bool = True
) -> Estimate:
    """Estimate the probability of an offer.

    Ranking the open questions takes longer than everything else; it can be left out. Raises
    UnknownSignalError or UnknownLevelError when the case has a signal or level that is not in the
    catalogue.
    """
    evidence = evidence_of(case)
    balance = balance_of(evidence, posterior)
    baseline = _baseline(evidence, posterior)
    contributions = _contributions(evidence, balance)
    effects = [contribution.log_odds for contribution in contributions]
    unshrunk = published_log_odds(math.fsum((baseline.log_odds, *effects)))
    shrinkage = _shrinkage(unshrunk, evidence.stage, posterior.guard)
    log_odds = (
        published_log_odds(math.fsum((unshrunk, shrinkage.log_odds))) if shrinkage else unshrunk
    )
    distance = log_odds - baseline.log_odds - posterior.average_shift
    features = features_of(evidence, balance.saturated_values)
    sd = _log_odds_sd(posterior.variance(features), distance, shrinkage)
    probability = published_share(probability_of(log_odds))
    interval_80 = interval_around(log_odds, sd, 0.80)
    coverage_share = coverage(case)
    return Estimate(
        probability=probability,
        interval={"80": interval_80, "95": interval_around(log_odds, sd, 0.95)},
        band=band_of(probability, interval_80, coverage_share),
        log_odds=log_odds,
        log_odds_sd=sd,
        baseline=baseline,
        contributions=contributions,
        coverage=coverage_share,
        next_questions=questions(case, evidence, balance, posterior) if with_questions else (),
        outcomes_learnt_from=posterior.outcomes_learnt_from,
        provenance=dict(posterior.provenance),  # plain, so that it can be stored
        model_version=posterior.version,
        inputs_digest=inputs_digest(case),
        fallback=posterior.fallback,
        workspaces_pooled=posterior.workspaces_pooled,
        shrinkage=shrinkage,
        reversed_signals=_overturned(contributions, posterior),
    )


def estimates(cases: Iterable[Case], posterior: Posterior = ELICITED) -> list[Estimate]:
    """Estimate many cases under one posterior, in the order given."""
    return [estimate(case, posterior) for case in cases]


def interval_around(log_odds: float, sd: float, mass: float) -> tuple[float, float]:
    """Return the probabilities at the ends of the central interval with this mass.

    The log-odds are normally distributed. Raises ValueError unless the mass lies strictly between
    0 and 1.
    """
    margin = _deviations(mass) * sd
    low, high = probability_of(log_odds - margin), probability_of(log_odds + margin)
    return published_share(low), published_share(high)


def band_of(probability: float, interval_80: tuple[float, float], coverage_share: float) -> Band:
    """Return the band of an estimate; a band includes its lower end and excludes its upper end."""
    low, high = interval_80
    if high - low > _MAX_INTERVAL_WIDTH or coverage_share < MIN_COVERAGE:
        return Band.TOO_EARLY
    return next((band for end, band in _UPPER_ENDS if probability < end), Band.VERY_LIKELY)


def _baseline(evidence: Evidence, posterior: Posterior) -> Baseline:
    stage = posterior.mean[STAGE_INDEX[evidence.stage]]
    further_rounds = posterior.mean[FURTHER_ROUNDS_INDEX] * evidence.further_rounds
    log_odds = published_log_odds(stage + further_rounds)
    return Baseline(published_share(probability_of(log_odds)), log_odds)


def _contributions(evidence: Evidence, balance: Balance) -> tuple[Contribution, ...]:
    effects = map(published_log_odds, balance.effects_of(evidence.observations))
    return tuple(
        [
            Contribution(signal, interview, level, effect)
            for (interview, signal, level, _, _), effect in zip(
                evidence.observations, effects, strict=True
            )
        ]
    )


def _shrinkage(log_odds: float, stage: Round, guard: Guard | None) -> Shrinkage | None:
    """Return how the guard changes the model's log-odds."""
    if guard is None:
        return None
    weight, base_rate = guard.model_weight, guard.base_rates[stage]
    if weight == 1.0:
        return Shrinkage(0.0, weight, base_rate, 0.0)
    mixed = log_odds_of(guard.mixed(probability_of(log_odds), stage))
    difference = log_odds - log_odds_of(base_rate)
    between = published_share(weight * (1.0 - weight) * difference * difference)
    return Shrinkage(published_log_odds(mixed - log_odds), weight, base_rate, between)


def _overturned(
    contributions: Iterable[Contribution], posterior: Posterior
) -> tuple[SignalId, ...]:
    if not posterior.overturned:
        return ()
    recorded = {contribution.signal for contribution in contributions}
    return tuple(signal for signal in posterior.overturned if signal in recorded)


def _log_odds_sd(variance: float, distance: float, shrinkage: Shrinkage | None) -> float:
    """Return the standard deviation from parameters, model error and mixture."""
    by_distance = priors.MODEL_ERROR_PER_LOG_ODDS * distance
    model_error = priors.MODEL_ERROR_SD * priors.MODEL_ERROR_SD + by_distance * by_distance
    between = shrinkage.between if shrinkage else 0.0
    return published_share(math.sqrt(variance + model_error + between))


@lru_cache(maxsize=64)
def _deviations(mass: float) -> float:
    """Return the number of standard deviations on either side that contain this normal mass."""
    if not 0.0 < mass < 1.0:
        message = f"the mass of an interval lies strictly between 0 and 1, not {mass}"
        raise ValueError(message)
    return published_log_odds(NormalDist().inv_cdf(0.5 + mass / 2.0))
