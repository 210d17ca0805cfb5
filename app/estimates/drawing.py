"""Estimates and their record as pictures, with words that say the same."""

from app.estimates.wording import PICTURES, SHORT, summary
from app.pictures import Part, ReliabilityWords, contributions_picture, reliability_picture
from app.scoring import Calibration, Estimate

_LONGEST_LABEL = 34


def contributions(made: Estimate) -> str:
    """Return the parts of an estimate as SVG, the baseline first."""
    parts = [
        Part(PICTURES.baseline, made.baseline.log_odds),
        *(Part(_short(SHORT[each.signal]), each.log_odds) for each in made.contributions),
    ]
    if made.hold is not None:
        parts.append(Part(PICTURES.hold, made.hold.log_odds))
    return contributions_picture(PICTURES.contributions_title, summary(made), parts)


def reliability(found: Calibration | None) -> str:
    """Return what was foretold against what happened as SVG; without dots while it is too early."""
    words = ReliabilityWords(
        PICTURES.reliability_title,
        PICTURES.too_early if found is None else PICTURES.reliability_text,
        PICTURES.forecast,
        PICTURES.observed,
        PICTURES.ideal,
    )
    return reliability_picture(found.bins if found else (), words)


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1].rstrip()}…"
