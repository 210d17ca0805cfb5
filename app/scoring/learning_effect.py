"""What learning has changed: in one estimate, and in each number it is made of."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.scoring.arithmetic import published_log_odds, published_share
from app.scoring.case import Case
from app.scoring.estimation import Contribution, Estimate, estimate
from app.scoring.features import PARAMETERS
from app.scoring.model import ELICITED, Posterior


class Source(StrEnum):
    """Where a number comes from."""

    ELICITED = "elicited"
    PARTLY_LEARNT = "partly_learnt"
    LEARNT = "learnt"


_SOURCES: Final = ((0.1, Source.ELICITED), (0.5, Source.PARTLY_LEARNT))


@dataclass(frozen=True, slots=True)
class Change:
    """What learning changed in an estimate; log-odds are natural, positive is towards an offer.

    The change of the log-odds is that of the baseline plus those of the contributions plus the
    hold, within 1e-12.
    """

    probability_before: float
    probability: float
    log_odds: float
    baseline: float
    contributions: tuple[Contribution, ...]  # the change of each, in the order of the estimate
    hold: float


@dataclass(frozen=True, slots=True)
class Provenance:
    """How far a parameter rests on outcomes: the share of its first variance they have removed."""

    source: Source
    learnt_share: float  # 0 to 1


def change_of(case: Case, made: Estimate) -> Change:
    """Hold an estimate of this case against the one from before any outcome was known."""
    before = estimate(case, ELICITED, with_questions=False)
    moved = tuple(
        Contribution(
            now.signal, now.interview, now.level, published_log_odds(now.log_odds - then.log_odds)
        )
        for now, then in zip(made.contributions, before.contributions, strict=True)
    )
    return Change(
        before.probability,
        made.probability,
        log_odds=published_log_odds(made.log_odds - before.log_odds),
        baseline=published_log_odds(made.baseline.log_odds - before.baseline.log_odds),
        contributions=moved,
        hold=made.hold.log_odds if made.hold else 0.0,
    )


def provenance_of(posterior: Posterior) -> dict[str, Provenance]:
    """Return where each of PARAMETERS comes from, by its name."""
    variances = (posterior.factor**2).sum(axis=1) / (ELICITED.factor**2).sum(axis=1)
    shares = [published_share(min(1.0, max(0.0, 1.0 - each))) for each in variances.tolist()]
    return {
        name: Provenance(source_of(share), share)
        for name, share in zip(PARAMETERS, shares, strict=True)
    }


def source_of(learnt_share: float) -> Source:
    """Return the word for a share of variance that outcomes have removed."""
    return next((word for end, word in _SOURCES if learnt_share < end), Source.LEARNT)
