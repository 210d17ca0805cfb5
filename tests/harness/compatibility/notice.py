"""What may go, and whether clients were told in time: twelve months, in both documents."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from app.core.http.deprecation import SINCE, SUNSET, a_year_after
from tests.harness.compatibility.document import Node
from tests.harness.compatibility.findings import Code, Finding, Way

Steps = tuple[str | int, ...]

_DATA = frozenset({"example", "examples", "default", "enum", "const", "value"})


def may_go(place: Node, today: date) -> bool:
    """Tell whether the released contract gave a year's notice that has run out."""
    told = place.value if isinstance(place.value, Mapping) else {}
    since, sunset = _day(told.get(SINCE)), _day(told.get(SUNSET))
    return (
        told.get("deprecated") is True
        and since is not None
        and sunset is not None
        and a_year_after(since) <= sunset <= today
    )


def unfair_notices(
    released: Node, current: Node, *, released_on: date | None = None
) -> Iterator[Finding]:
    """Find what is deprecated without its dates, or too soon, or sooner than was told.

    With `released_on` this is a release: what it deprecates is told from that day on,
    whatever day was written down when the change was made.
    """
    for steps in _deprecated(current.value):
        place, was = (_under(document, steps) for document in (current, released))
        before = was.value if isinstance(was.value, Mapping) else {}
        since, sunset = _day(place.value.get(SINCE)), _day(place.value.get(SUNSET))
        told_before = before.get("deprecated") is True
        if since is not None and released_on is not None and not told_before:
            since = max(since, released_on)
        if since is None or sunset is None or sunset < a_year_after(since):
            detail = f"since {since or 'some day'}, until {sunset or 'some day'}"
            yield _finding(Code.DEPRECATED_WITHOUT_NOTICE, place, detail)
        promised = _day(before.get(SUNSET))
        if promised is not None and sunset is not None and sunset < promised:
            detail = f"from {promised} to {sunset}"
            yield _finding(Code.SUNSET_BROUGHT_FORWARD, place, detail)


def _finding(code: Code, place: Node, detail: str) -> Finding:
    return Finding(code, Way.RESPONSE, place.pointer, place.pointer, detail)


def _deprecated(document: Any) -> Iterator[Steps]:
    """Find the steps to every place that is deprecated, in all but data."""
    pending: list[tuple[Any, Steps]] = [(document, ())]
    while pending:
        value, steps = pending.pop()
        if isinstance(value, dict) and value.get("deprecated") is True:
            yield steps
        places = value.items() if isinstance(value, dict) else enumerate(value)
        pending += (
            (below, (*steps, step))
            for step, below in places
            if step not in _DATA and isinstance(below, dict | list)
        )


def _under(document: Node, steps: Steps) -> Node:
    for step in steps:
        document = document.below(step)
    return document


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
