"""Reliability diagram: mean forecast on the x-axis, observed share of offers on the y-axis.

A dot on the diagonal means that as many offers were made as forecast.
"""

import math
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Final, NamedTuple

from app.charts.svg import (
    document,
    dot,
    line,
    text,
)
from app.scoring.calibration import Bin

_WIDTH: Final = 460
_HEIGHT: Final = 540
_LEFT: Final = 70.0
_BOTTOM: Final = 390.0
_SIDE: Final = 360.0
_TENTHS: Final = range(0, 11, 2)
_MAX_RADIUS: Final = 11.0  # of the dot of the largest bin
_MIN_RADIUS: Final = 3.5
_LINE_LENGTH: Final = 66  # characters on a line of the description


class ReliabilityTexts(NamedTuple):
    """The texts of the diagram."""

    title: str
    description: str  # also shown under the diagram
    forecast: str  # label of the x-axis
    observed: str  # label of the y-axis
    ideal: str  # label of the diagonal


def reliability_diagram(bins: Sequence[Bin], texts: ReliabilityTexts) -> str:
    """Return the diagram as an SVG document.

    Each bin has a dot, larger for more forecasts, with its count and its interval.
    """
    shapes = [*_axes(texts), *_dots(bins), *_description(texts)]
    return document(_WIDTH, _HEIGHT, texts.title, texts.description, shapes)


def _axes(texts: ReliabilityTexts) -> Iterator[str]:
    for tenth in _TENTHS:
        share = tenth / 10.0
        yield line((_x(0.0), _y(share)), (_x(1.0), _y(share)))
        yield text(_LEFT - 8.0, _y(share) + 4.0, f"{tenth * 10} %", anchor="end", kind="faint")
        yield text(_x(share), _BOTTOM + 18.0, f"{tenth * 10} %", anchor="middle", kind="faint")
    yield line((_x(0.0), _y(0.0)), (_x(1.0), _y(1.0)))
    yield text(_x(0.63), _y(0.56), texts.ideal, kind="faint")
    yield text(_x(0.5), _BOTTOM + 42.0, texts.forecast, anchor="middle")
    yield text(_LEFT - 50.0, 18.0, texts.observed)


def _dots(bins: Sequence[Bin]) -> Iterator[str]:
    largest = max((bin_.count for bin_ in bins), default=1)
    for bin_ in bins:
        low, high = bin_.interval
        x = _x(bin_.forecast)
        yield line((x, _y(low)), (x, _y(high)), "reach")
        radius = max(_MIN_RADIUS, _MAX_RADIUS * math.sqrt(bin_.count / largest))
        yield dot(x, _y(bin_.observed), radius, "towards")
        yield text(x + radius + 4.0, _y(bin_.observed) - 6.0, str(bin_.count), kind="faint")


def _description(texts: ReliabilityTexts) -> Iterator[str]:
    for index, row in enumerate(wrap(texts.description, _LINE_LENGTH)):
        yield text(16.0, _BOTTOM + 70.0 + index * 18.0, row, kind="faint")


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _BOTTOM - _SIDE * share
