"""The estimate in words: warm, calm, and never a promise."""

import math
from collections.abc import Iterator
from typing import Final

from app import guide
from app.scoring import FLOOR, Band, Calibration, Change, Estimate, Fallback, Level, SignalId

_GUIDE: Final = guide.load()
_TEXTS: Final = _GUIDE.estimate_texts
_LEAST_COVERAGE: Final = 0.25
_SIGNALS_AN_INTERVIEW: Final = len(_GUIDE.signals)

OBSERVATION_TEXT: Final = {
    (SignalId(signal.id), Level(level.id)): level.said
    for signal in _GUIDE.signals
    for level in signal.levels
}
"""What was observed, as a sentence in the past tense."""

QUESTIONS: Final = {SignalId(signal.id): signal.question for signal in _GUIDE.signals}
"""How to ask about a signal."""

PICTURES: Final = _TEXTS.pictures

_BANDS: Final = {Band(band.id): band.text for band in _TEXTS.bands}


def summary(made: Estimate, changed: Change | None = None, *, is_closed: bool = False) -> str:
    """Say in a few sentences how likely it looks, how sure that is, and what it rests on.

    Of an application whose outcome is known nothing is foretold any more.
    """
    if is_closed:
        return f"{_TEXTS.closed} {_TEXTS.after_closing.strip()}"
    sentences = [headline(made), _BANDS[made.band]]
    if not made.contributions:
        sentences.append(_TEXTS.nothing_recorded)
    elif made.coverage < _LEAST_COVERAGE:
        sentences.append(_coverage_low(made))
    elif made.band is Band.TOO_EARLY:
        sentences.append(_TEXTS.too_wide)
    sentences += _basis(made, changed)
    return " ".join(sentence.strip() for sentence in sentences)


def reliability_text(found: Calibration | None, outcomes: int) -> str:
    """Say what the reliability diagram shows, or what is still missing for one."""
    if found is None:
        return PICTURES.too_early.strip().format(outcomes=outcomes, floor=FLOOR)
    return PICTURES.reliability_text.strip()


def _basis(made: Estimate, changed: Change | None) -> Iterator[str]:
    if made.outcomes_learnt_from:
        yield _TEXTS.by_outcomes.format(outcomes=made.outcomes_learnt_from)
    elif made.fallback not in {None, Fallback.NO_OUTCOMES}:
        yield _TEXTS.nothing_learnt
    else:
        yield _TEXTS.by_judgement
    if made.workspaces_pooled:
        yield _TEXTS.by_others.format(workspaces=made.workspaces_pooled)
    if changed and _tenths(changed.probability_before) != _tenths(changed.probability):
        yield _TEXTS.changed.format(before=_tenths(changed.probability_before))
    if made.direction_overturned:
        yield _TEXTS.direction_overturned


def headline(made: Estimate, *, is_closed: bool = False) -> str:
    """Say in a sentence how likely it looks, in tenths, or that there is nothing left to tell."""
    if is_closed:
        return _TEXTS.closed
    low, high = (_tenths(bound) for bound in made.interval["80"])
    nearest = _tenths(made.probability)
    if nearest < 1:
        return _TEXTS.summary_below_one.format(high=max(1, high))
    if nearest > 9:  # noqa: PLR2004 - of ten
        return _TEXTS.summary_above_nine.format(low=min(9, low))
    if low == high:
        return _TEXTS.summary_narrow.format(in_ten=nearest)
    return _TEXTS.summary.format(in_ten=nearest, low=low, high=high)


def _coverage_low(made: Estimate) -> str:
    interviews = {each.interview for each in made.contributions}
    interviews |= {each.interview for each in made.ask_next}
    possible = _SIGNALS_AN_INTERVIEW * len(interviews)
    return _TEXTS.coverage_low.format(recorded=len(made.contributions), possible=possible)


def _tenths(probability: float) -> int:
    return math.floor(probability * 10 + 0.5)
