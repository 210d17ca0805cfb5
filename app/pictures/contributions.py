"""One estimate as a picture: what spoke for an offer to the right, what spoke against left."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from app.pictures.svg import bar, line, picture, text

_WIDTH: Final = 640
_ROW: Final = 26
_TOP: Final = 20
_LABELS: Final = 250  # room for the names, at the left
_MIDDLE: Final = 430.0
_REACH: Final = 140.0  # of the longest bar
_SMALLEST_SCALE: Final = 0.5  # nats that fill the room at least, so that trifles stay small


class Part(NamedTuple):
    """One bar: what it stands for in words, and how far it moved the log-odds, in nats."""

    label: str
    log_odds: float


def contributions_picture(title: str, description: str, parts: Sequence[Part]) -> str:
    """Return an SVG with one bar for each part, in the order given."""
    largest = max([_SMALLEST_SCALE, *(abs(part.log_odds) for part in parts)])
    rows = [
        shape
        for at, part in enumerate(parts)
        for shape in _row(_TOP + at * _ROW, part, _REACH / largest)
    ]
    bottom = _TOP + max(1, len(parts)) * _ROW
    axis = line((_MIDDLE, _TOP - 6.0), (_MIDDLE, bottom))
    return picture(_WIDTH, bottom + 14, title, description, [axis, *rows])


def _row(top: float, part: Part, scale: float) -> list[str]:
    length = abs(part.log_odds) * scale
    towards = part.log_odds >= 0.0
    start = _MIDDLE if towards else _MIDDLE - length
    at = _MIDDLE + length + 6.0 if towards else _MIDDLE - length - 6.0
    return [
        text(_LABELS - 8.0, top + 14.0, part.label, anchor="end"),
        bar(start, top + 3.0, length, _ROW - 10.0, "towards" if towards else "away"),
        text(
            at,
            top + 14.0,
            f"{part.log_odds:+.2f}",
            anchor="start" if towards else "end",
            kind="faint",
        ),
    ]
