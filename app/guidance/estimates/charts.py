"""Estimates and their record as pictures, with words that say the same."""

from app.charts import (
    Bar,
    ContributionWords,
    ReliabilityWords,
    contributions_picture,
    reliability_picture,
)
from app.guidance.estimates.narrative import (
    OBSERVATION_TEXT,
    PICTURES,
    headline,
    reliability_text,
    summary,
)
from app.scoring import Calibration, Estimate


def contributions(made: Estimate, *, is_closed: bool = False) -> str:
    """Return the parts of an estimate as SVG, the baseline first, interview by interview."""
    parts = [Bar(PICTURES.baseline, made.baseline.log_odds, is_usual=True), *_observed(made)]
    if made.hold is not None:
        parts.append(Bar(PICTURES.hold, made.hold.log_odds, is_usual=True))
    words = ContributionWords(
        PICTURES.contributions_title,
        summary(made, is_closed=is_closed),
        headline(made, is_closed=is_closed),
        PICTURES.against,
        PICTURES.towards,
    )
    return contributions_picture(words, parts)


def reliability(found: Calibration | None, outcomes: int) -> str:
    """Return what was foretold against what happened as SVG; without dots while it is too early."""
    words = ReliabilityWords(
        PICTURES.reliability_title,
        reliability_text(found, outcomes),
        PICTURES.forecast,
        PICTURES.observed,
        PICTURES.ideal,
    )
    return reliability_picture(found.bins if found else (), words)


def _observed(made: Estimate) -> list[Bar]:
    interviews = list(dict.fromkeys(each.interview for each in made.contributions))
    number = {interview: at for at, interview in enumerate(interviews, start=1)}
    return [
        Bar(
            OBSERVATION_TEXT[each.signal, each.level],
            each.log_odds,
            PICTURES.interview.format(number=number[each.interview]) if len(number) > 1 else "",
        )
        for each in made.contributions
    ]
