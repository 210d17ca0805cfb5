"""The time, handed in from the edge so that nothing inside asks the machine."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time

Clock = Callable[[], datetime]
"""Returns the present instant, aware and in UTC."""


def system_clock() -> datetime:
    """Return the machine's present instant in UTC."""
    return datetime.now(UTC)


def to_rfc3339(instant: datetime) -> str:
    """Return an instant in UTC as every answer spells it: `2026-11-12T15:10:00Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def start_of_day_utc(day: date) -> datetime:
    """Return the instant in UTC at which a day begins."""
    return datetime.combine(day, time(), UTC)
