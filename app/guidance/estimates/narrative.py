"""Texts of an estimate, built from the templates of the guide: calm, and never a promise."""

import math
from collections.abc import Iterator
from typing import Final

from app import guide
from app.scoring import (
    FLOOR,
    MIN_COVERAGE,
    Band,
    Calibration,
    Change,
    Estimate,
    Fallback,
    Level,
    SignalId,
)

_GUIDE: Final = guide.load()
_TEXTS: Final = _GUIDE.estimate_texts
_SIGNALS_PER_INTERVIEW: Final = len(_GUIDE.signals)

OBSERVATION_TEXT: Final = {
    (SignalId(signal.id), Level(level.id)): level.said
    for signal in _GUIDE.signals
    for level in signal.levels
}
"""Sentence about an observation, in the past tense, by signal and level."""

QUESTIONS: Final = {SignalId(signal.id): signal.question for signal in _GUIDE.signals}
"""Question about a signal."""

CHART_TEXTS: Final = _TEXTS.pictures

_BANDS: Final = {Band(band.id): band.text for band in _TEXTS.bands}


def summary(estimate: Estimate, change: Change | None = None, *, is_closed: bool = False) -> str:
    """Return a few sentences on the estimate, its uncertainty and its basis.

    For an application with a known outcome the text does not contain a forecast.
    """
    if is_closed:
        return f"{_TEXTS.closed} {_TEXTS.after_closing.strip()}"
    sentences = [headline(estimate), _BANDS[estimate.band]]
    if not estimate.contributions:
        sentences.append(_TEXTS.nothing_recorded)
    elif estimate.coverage < MIN_COVERAGE:
        sentences.append(_coverage_low(estimate))
    elif estimate.band is Band.TOO_EARLY:
        sentences.append(_TEXTS.too_wide)
    sentences += _basis(estimate, change)
    return " ".join(sentence.strip() for sentence in sentences)


def reliability_text(calibration: Calibration | None, outcomes: int) -> str:
    """Return the text of the reliability diagram, also when there are too few outcomes for one."""
    if calibration is None:
        return CHART_TEXTS.too_early.strip().format(outcomes=outcomes, floor=FLOOR)
    return CHART_TEXTS.reliability_text.strip()


def _basis(estimate: Estimate, change: Change | None) -> Iterator[str]:
    if estimate.outcomes_learnt_from:
        yield _TEXTS.by_outcomes.format(outcomes=estimate.outcomes_learnt_from)
    elif estimate.fallback not in {None, Fallback.NO_OUTCOMES}:
        yield _TEXTS.nothing_learnt
    else:
        yield _TEXTS.by_judgement
    if estimate.workspaces_pooled:
        yield _TEXTS.by_others.format(workspaces=estimate.workspaces_pooled)
    if change and _tenths(change.probability_before) != _tenths(change.probability):
        yield _TEXTS.changed.format(before=_tenths(change.probability_before))
    if estimate.reversed_signals:
        yield _TEXTS.reversed_signals


def headline(estimate: Estimate, *, is_closed: bool = False) -> str:
    """Return one sentence with the probability in tenths, or that the application is closed."""
    if is_closed:
        return _TEXTS.closed
    low, high = (_tenths(bound) for bound in estimate.interval["80"])
    nearest = _tenths(estimate.probability)
    if nearest < 1:
        return _TEXTS.summary_below_one.format(high=max(1, high))
    if nearest > 9:  # noqa: PLR2004 - of ten
        return _TEXTS.summary_above_nine.format(low=min(9, low))
    if low == high:
        return _TEXTS.summary_narrow.format(in_ten=nearest)
    return _TEXTS.summary.format(in_ten=nearest, low=low, high=high)


def _coverage_low(estimate: Estimate) -> str:
    interviews = {contribution.interview for contribution in estimate.contributions}
    interviews |= {question.interview for question in estimate.next_questions}
    possible = _SIGNALS_PER_INTERVIEW * len(interviews)
    return _TEXTS.coverage_low.format(recorded=len(estimate.contributions), possible=possible)


def _tenths(probability: float) -> int:
    return math.floor(probability * 10 + 0.5)
