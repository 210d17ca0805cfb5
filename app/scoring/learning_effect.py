"""Effect of learning: the change of one estimate, and the provenance of each parameter."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.scoring.arithmetic import published_log_odds, published_share
from app.scoring.case import Case
from app.scoring.estimation import Contribution, Estimate, estimate
from app.scoring.features import PARAMETERS
from app.scoring.model import ELICITED, Posterior


class Source(StrEnum):
    """Where the value of a parameter comes from."""

    ELICITED = "elicited"
    PARTLY_LEARNT = "partly_learnt"
    LEARNT = "learnt"


_SOURCES: Final = ((0.1, Source.ELICITED), (0.5, Source.PARTLY_LEARNT))


@dataclass(frozen=True, slots=True)
class Change:
    """The change of an estimate by learning; log-odds are natural, positive is towards an offer.

    The change of the log-odds is the sum of the changes of the baseline and the contributions, and
    of the shrinkage, within 1e-12.
    """

    probability_before: float
    probability: float
    log_odds: float
    baseline: float
    contributions: tuple[Contribution, ...]  # the change of each, in the order of the estimate
    shrinkage: float


@dataclass(frozen=True, slots=True)
class Provenance:
    """How far a parameter is learnt: the share of its prior variance that outcomes removed."""

    source: Source
    learnt_share: float  # 0 to 1


def change_of(case: Case, learnt: Estimate) -> Change:
    """Compare an estimate of this case with its estimate under the elicited prior."""
    elicited = estimate(case, ELICITED, with_questions=False)
    contributions = tuple(
        Contribution(
            now.signal,
            now.interview,
            now.level,
            published_log_odds(now.log_odds - before.log_odds),
        )
        for now, before in zip(learnt.contributions, elicited.contributions, strict=True)
    )
    return Change(
        elicited.probability,
        learnt.probability,
        log_odds=published_log_odds(learnt.log_odds - elicited.log_odds),
        baseline=published_log_odds(learnt.baseline.log_odds - elicited.baseline.log_odds),
        contributions=contributions,
        shrinkage=learnt.shrinkage.log_odds if learnt.shrinkage else 0.0,
    )


def provenance_of(posterior: Posterior) -> dict[str, Provenance]:
    """Return the provenance of each of PARAMETERS, by name."""
    ratios = (posterior.factor**2).sum(axis=1) / (ELICITED.factor**2).sum(axis=1)
    shares = [published_share(min(1.0, max(0.0, 1.0 - ratio))) for ratio in ratios.tolist()]
    return {
        name: Provenance(source_of(share), share)
        for name, share in zip(PARAMETERS, shares, strict=True)
    }


def source_of(learnt_share: float) -> Source:
    """Return the source for a share of variance that outcomes removed."""
    return next((source for end, source in _SOURCES if learnt_share < end), Source.LEARNT)
