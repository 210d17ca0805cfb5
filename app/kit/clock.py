"""Clock: the current time is a dependency, so that tests can set it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time

Clock = Callable[[], datetime]
"""Returns the current time, aware and in UTC."""


def system_clock() -> datetime:
    """Return the current time of this machine in UTC."""
    return datetime.now(UTC)


def to_rfc3339(instant: datetime) -> str:
    """Return an instant as RFC 3339 text in UTC, as in every response: `2026-11-12T15:10:00Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def start_of_day_utc(day: date) -> datetime:
    """Return the instant at which a day begins in UTC."""
    return datetime.combine(day, time(), UTC)
