"""Bar chart of the contributions to an estimate: for an offer to the right, against to the left."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from app.charts.svg import (
    bar,
    document,
    line,
    text,
)

_WIDTH: Final = 800
_ROW_HEIGHT: Final = 26
_TOP: Final = 92
_LABEL_WIDTH: Final = 470.0
_AXIS_X: Final = 635.0
_MAX_BAR_LENGTH: Final = 110.0
_MIN_SCALE: Final = 0.5  # nats of a bar of full length, at least, so that small effects look small


class Bar(NamedTuple):
    """One bar: its label, and the log-odds that it contributes, in nats.

    Bars of one group are shown under its name. `is_usual` marks the baseline and the shrinkage,
    which have a neutral colour.
    """

    label: str
    log_odds: float
    group: str = ""
    is_usual: bool = False


class ContributionTexts(NamedTuple):
    """The texts of the chart."""

    title: str
    description: str
    headline: str  # the estimate itself, in a sentence
    against: str  # over the left side
    towards: str  # over the right side


def contributions_chart(texts: ContributionTexts, bars: Sequence[Bar]) -> str:
    """Return the chart as an SVG document, with the bars in the order given."""
    largest = max([_MIN_SCALE, *(abs(entry.log_odds) for entry in bars)])
    rows, bottom = list[str](), _TOP
    for index, entry in enumerate(bars):
        if entry.group and (index == 0 or bars[index - 1].group != entry.group):
            rows.append(text(16.0, bottom + 14.0, entry.group, kind="faint"))
            bottom += _ROW_HEIGHT
        rows += _row(bottom, entry, _MAX_BAR_LENGTH / largest)
        bottom += _ROW_HEIGHT
    axis = line((_AXIS_X, _TOP - 6.0), (_AXIS_X, max(bottom, _TOP + _ROW_HEIGHT)))
    height = max(bottom, _TOP + _ROW_HEIGHT) + 14
    return document(_WIDTH, height, texts.title, texts.description, [*_head(texts), axis, *rows])


def _head(texts: ContributionTexts) -> Iterator[str]:
    yield text(16.0, 26.0, texts.title, kind="head")
    yield text(16.0, 48.0, texts.headline)
    yield text(_AXIS_X - 8.0, _TOP - 14.0, texts.against, anchor="end", kind="faint")
    yield text(_AXIS_X + 8.0, _TOP - 14.0, texts.towards, kind="faint")


def _row(top: float, entry: Bar, scale: float) -> list[str]:
    length = abs(entry.log_odds) * scale
    is_towards = entry.log_odds >= 0.0
    start = _AXIS_X if is_towards else _AXIS_X - length
    number_x = _AXIS_X + length + 6.0 if is_towards else _AXIS_X - length - 6.0
    colour = "other" if entry.is_usual else "towards" if is_towards else "away"
    return [
        text(_LABEL_WIDTH - 8.0, top + 14.0, entry.label, anchor="end", kind="label"),
        bar(start, top + 3.0, length, _ROW_HEIGHT - 10.0, colour),
        text(
            number_x,
            top + 14.0,
            f"{entry.log_odds:+.2f}",
            anchor="start" if is_towards else "end",
            kind="faint",
        ),
    ]
