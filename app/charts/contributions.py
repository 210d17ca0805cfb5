"""One estimate as a picture: what spoke for an offer to the right, what spoke against left."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from app.charts.svg import (
    bar,
    line,
    picture,
    text,
)

_WIDTH: Final = 800
_ROW: Final = 26
_TOP: Final = 92
_LABELS: Final = 470.0  # room for the sentences, at the left
_MIDDLE: Final = 635.0
_REACH: Final = 110.0  # of the longest bar
_SMALLEST_SCALE: Final = 0.5  # nats that fill the room at least, so that trifles stay small


class Bar(NamedTuple):
    """One bar: what it stands for in words, and how far it moved the log-odds, in nats.

    Parts of one group stand under its name; what is usual is neither for nor against anybody.
    """

    label: str
    log_odds: float
    group: str = ""
    is_usual: bool = False


class ContributionWords(NamedTuple):
    """What is written on and about the picture."""

    title: str
    description: str
    headline: str  # the estimate itself, in a sentence
    against: str  # over the left side
    towards: str  # over the right side


def contributions_picture(words: ContributionWords, parts: Sequence[Bar]) -> str:
    """Return an SVG with one bar for each part, in the order given."""
    largest = max([_SMALLEST_SCALE, *(abs(part.log_odds) for part in parts)])
    rows, bottom = list[str](), _TOP
    for at, part in enumerate(parts):
        if part.group and (at == 0 or parts[at - 1].group != part.group):
            rows.append(text(16.0, bottom + 14.0, part.group, kind="faint"))
            bottom += _ROW
        rows += _row(bottom, part, _REACH / largest)
        bottom += _ROW
    axis = line((_MIDDLE, _TOP - 6.0), (_MIDDLE, max(bottom, _TOP + _ROW)))
    height = max(bottom, _TOP + _ROW) + 14
    return picture(_WIDTH, height, words.title, words.description, [*_head(words), axis, *rows])


def _head(words: ContributionWords) -> Iterator[str]:
    yield text(16.0, 26.0, words.title, kind="head")
    yield text(16.0, 48.0, words.headline)
    yield text(_MIDDLE - 8.0, _TOP - 14.0, words.against, anchor="end", kind="faint")
    yield text(_MIDDLE + 8.0, _TOP - 14.0, words.towards, kind="faint")


def _row(top: float, part: Bar, scale: float) -> list[str]:
    length = abs(part.log_odds) * scale
    towards = part.log_odds >= 0.0
    start = _MIDDLE if towards else _MIDDLE - length
    at = _MIDDLE + length + 6.0 if towards else _MIDDLE - length - 6.0
    colour = "other" if part.is_usual else "towards" if towards else "away"
    return [
        text(_LABELS - 8.0, top + 14.0, part.label, anchor="end", kind="label"),
        bar(start, top + 3.0, length, _ROW - 10.0, colour),
        text(
            at,
            top + 14.0,
            f"{part.log_odds:+.2f}",
            anchor="start" if towards else "end",
            kind="faint",
        ),
    ]
