"""The time, handed in from the edge so that nothing inside asks the machine."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time

Clock = Callable[[], datetime]
"""Returns the present instant, aware and in UTC."""


def system_clock() -> datetime:
    """Return the machine's present instant in UTC."""
    return datetime.now(UTC)


def midnight(day: date) -> datetime:
    """Return the instant in UTC at which a day begins."""
    return datetime.combine(day, time(), UTC)
