"""The estimate: how likely an offer is, why, how sure one can be, and what to ask next.

It is a sum of log-odds. Every part is rounded first and added afterwards, so
the parts that are shown add up to the whole that is shown, and the same
evidence gives the same bytes on every machine.
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
    FURTHER_ROUNDS_PLACE,
    STAGE_PLACES,
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
    """The estimate in one word; `too_early` when a word would claim more than is known."""

    TOO_EARLY = "too_early"
    UNLIKELY = "unlikely"
    POSSIBLE = "possible"
    LIKELY = "likely"
    VERY_LIKELY = "very_likely"


_WIDEST_KNOWN = 0.5  # width of the 80 % interval
_LEAST_COVERAGE = 0.25
_UPPER_ENDS = ((0.2, Band.UNLIKELY), (0.5, Band.POSSIBLE), (0.8, Band.LIKELY))


@dataclass(frozen=True, slots=True)
class Baseline:
    """What would be estimated had nothing been observed."""

    probability: float
    log_odds: float


class Contribution(NamedTuple):
    """How far one recorded signal of one interview moved the estimate."""

    signal: SignalId
    interview: str
    level: Level
    log_odds: float  # natural, positive is towards an offer


@dataclass(frozen=True, slots=True)
class Hold:
    """How far the learnt base rate holds an estimate, see `guard`."""

    log_odds: float  # natural, positive is towards an offer
    model_weight: float  # how far the model is believed beside the base rate, 0 to 1
    base_rate: float  # what the estimate is held to: probability of an offer at this stage
    between: float  # variance of the log-odds that comes from the two disagreeing


@dataclass(frozen=True, slots=True)
class Estimate:
    """How likely an offer is, with everything needed to explain and to recompute it.

    The log-odds are the baseline's plus all contributions and the hold, if there is one,
    within 1e-12. The probability stands at the median of what is believed.
    """

    probability: float
    interval: Mapping[str, tuple[float, float]]  # of the probability, keys "80" and "95" (percent)
    band: Band
    log_odds: float
    log_odds_sd: float  # of the log-odds, the model's own error included
    baseline: Baseline
    contributions: tuple[Contribution, ...]  # by interview, then in the order of the catalogue
    coverage: float  # recorded share of the information there could be, 0 to 1
    ask_next: tuple[Question, ...]  # open signals of the interview held last, most telling first
    outcomes_learnt_from: int
    provenance: Mapping[str, str]
    model_version: str
    inputs_digest: str
    fallback: Fallback | None = None  # why known outcomes could not be learnt from
    workspaces_pooled: int = 0  # whose summaries learning started from
    hold: Hold | None = None  # none before any outcome is known
    direction_overturned: tuple[SignalId, ...] = ()  # recorded ones that turned out to mislead here

    def interval_at(self, mass: float) -> tuple[float, float]:
        """Return the central interval of the probability that holds this share of belief.

        Raises ValueError unless the mass lies strictly between 0 and 1.
        """
        return interval_around(self.log_odds, self.log_odds_sd, mass)


def estimate(
    case: Case, posterior: Posterior = ELICITED, *, with_questions: bool = True
) -> Estimate:
    """Estimate how likely an offer is.

    Ranking the open questions takes longer than all the rest; it can be left out.
    Raises UnknownSignalError or UnknownLevelError when a recorded word is not in the catalogue.
    """
    evidence = evidence_of(case)
    balance = balance_of(evidence, posterior)
    baseline = _baseline(evidence, posterior)
    contributions = _contributions(evidence, balance)
    moved = [each.log_odds for each in contributions]
    unguarded = published_log_odds(math.fsum((baseline.log_odds, *moved)))
    hold = _hold(unguarded, evidence.stage, posterior.guard)
    log_odds = published_log_odds(math.fsum((unguarded, hold.log_odds))) if hold else unguarded
    strayed = log_odds - baseline.log_odds - posterior.usual
    sd = _log_odds_sd(posterior.variance(features_of(evidence, balance.kept_of)), strayed, hold)
    probability = published_share(probability_of(log_odds))
    central = interval_around(log_odds, sd, 0.80)
    covered = coverage(case)
    return Estimate(
        probability=probability,
        interval={"80": central, "95": interval_around(log_odds, sd, 0.95)},
        band=band_of(probability, central, covered),
        log_odds=log_odds,
        log_odds_sd=sd,
        baseline=baseline,
        contributions=contributions,
        coverage=covered,
        ask_next=questions(case, evidence, balance, posterior) if with_questions else (),
        outcomes_learnt_from=posterior.outcomes_learnt_from,
        provenance=dict(posterior.provenance),  # plain, so that it can be stored
        model_version=posterior.version,
        inputs_digest=inputs_digest(case),
        fallback=posterior.fallback,
        workspaces_pooled=posterior.workspaces_pooled,
        hold=hold,
        direction_overturned=_overturned(contributions, posterior),
    )


def estimates(cases: Iterable[Case], posterior: Posterior = ELICITED) -> list[Estimate]:
    """Estimate many cases under one belief, in the order given."""
    return [estimate(case, posterior) for case in cases]


def interval_around(log_odds: float, sd: float, mass: float) -> tuple[float, float]:
    """Return the probabilities between which this share of belief lies, centred on the log-odds.

    Raises ValueError unless the mass lies strictly between 0 and 1.
    """
    reach = _deviations(mass) * sd
    low, high = probability_of(log_odds - reach), probability_of(log_odds + reach)
    return published_share(low), published_share(high)


def band_of(probability: float, interval_80: tuple[float, float], coverage_share: float) -> Band:
    """Return the word for an estimate; each named band holds its lower end and not its upper."""
    low, high = interval_80
    if high - low > _WIDEST_KNOWN or coverage_share < _LEAST_COVERAGE:
        return Band.TOO_EARLY
    return next((band for end, band in _UPPER_ENDS if probability < end), Band.VERY_LIKELY)


def _baseline(evidence: Evidence, posterior: Posterior) -> Baseline:
    stage = posterior.mean[STAGE_PLACES[evidence.stage]]
    further = posterior.mean[FURTHER_ROUNDS_PLACE] * evidence.further_rounds
    log_odds = published_log_odds(stage + further)
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


def _hold(log_odds: float, stage: Round, guard: Guard | None) -> Hold | None:
    """Return what the guard does to the model's log-odds."""
    if guard is None:
        return None
    weight, base_rate = guard.model_weight, guard.base_rates[stage]
    if weight == 1.0:
        return Hold(0.0, weight, base_rate, 0.0)
    held = log_odds_of(guard.mixed(probability_of(log_odds), stage))
    apart = log_odds - log_odds_of(base_rate)
    between = published_share(weight * (1.0 - weight) * apart * apart)
    return Hold(published_log_odds(held - log_odds), weight, base_rate, between)


def _overturned(
    contributions: Iterable[Contribution], posterior: Posterior
) -> tuple[SignalId, ...]:
    if not posterior.overturned:
        return ()
    recorded = {each.signal for each in contributions}
    return tuple(signal for signal in posterior.overturned if signal in recorded)


def _log_odds_sd(variance: float, strayed: float, hold: Hold | None) -> float:
    """Return the spread of belief: of the parameters, and of the model about itself."""
    by_way = priors.MODEL_ERROR_PER_LOG_ODDS * strayed
    own = priors.MODEL_ERROR_SD * priors.MODEL_ERROR_SD + by_way * by_way
    between = hold.between if hold else 0.0
    return published_share(math.sqrt(variance + own + between))


@lru_cache(maxsize=64)
def _deviations(mass: float) -> float:
    """Return how many standard deviations either side hold this share of a normal belief."""
    if not 0.0 < mass < 1.0:
        message = f"an interval holds a share strictly between 0 and 1, not {mass}"
        raise ValueError(message)
    return published_log_odds(NormalDist().inv_cdf(0.5 + mass / 2.0))
