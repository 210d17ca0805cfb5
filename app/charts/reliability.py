"""Whether estimates were right, as a picture: what was said along, what happened upwards.

A dot on the diagonal means that as many offers came as were to be expected.
"""

import math
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Final, NamedTuple

from app.charts.svg import (
    dot,
    line,
    picture,
    text,
)
from app.scoring.calibration import Bin

_WIDTH: Final = 460
_HEIGHT: Final = 540
_LEFT: Final = 70.0
_BOTTOM: Final = 390.0
_SIDE: Final = 360.0
_TENTHS: Final = range(0, 11, 2)
_LARGEST: Final = 11.0  # radius of the dot that holds the most cases
_SMALLEST: Final = 3.5
_LETTERS: Final = 66  # on a line of the explanation


class ReliabilityWords(NamedTuple):
    """What is written on and about the picture."""

    title: str
    description: str  # written under the picture too
    forecast: str  # along
    observed: str  # upwards
    ideal: str  # on the diagonal


def reliability_picture(bins: Sequence[Bin], words: ReliabilityWords) -> str:
    """Return an SVG with a dot for each bin, larger where it holds more, its count and interval."""
    shapes = [*_axes(words), *_dots(bins), *_said(words)]
    return picture(_WIDTH, _HEIGHT, words.title, words.description, shapes)


def _axes(words: ReliabilityWords) -> Iterator[str]:
    for tenth in _TENTHS:
        share = tenth / 10.0
        yield line((_x(0.0), _y(share)), (_x(1.0), _y(share)))
        yield text(_LEFT - 8.0, _y(share) + 4.0, f"{tenth * 10} %", anchor="end", kind="faint")
        yield text(_x(share), _BOTTOM + 18.0, f"{tenth * 10} %", anchor="middle", kind="faint")
    yield line((_x(0.0), _y(0.0)), (_x(1.0), _y(1.0)))
    yield text(_x(0.63), _y(0.56), words.ideal, kind="faint")
    yield text(_x(0.5), _BOTTOM + 42.0, words.forecast, anchor="middle")
    yield text(_LEFT - 50.0, 18.0, words.observed)


def _dots(bins: Sequence[Bin]) -> Iterator[str]:
    most = max((each.count for each in bins), default=1)
    for each in bins:
        low, high = each.interval
        x = _x(each.forecast)
        yield line((x, _y(low)), (x, _y(high)), "reach")
        radius = max(_SMALLEST, _LARGEST * math.sqrt(each.count / most))
        yield dot(x, _y(each.observed), radius, "towards")
        yield text(x + radius + 4.0, _y(each.observed) - 6.0, str(each.count), kind="faint")


def _said(words: ReliabilityWords) -> Iterator[str]:
    for at, part in enumerate(wrap(words.description, _LETTERS)):
        yield text(16.0, _BOTTOM + 70.0 + at * 18.0, part, kind="faint")


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _BOTTOM - _SIDE * share
