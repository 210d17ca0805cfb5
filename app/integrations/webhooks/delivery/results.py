"""The result of one webhook request: a response, or a failure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

_SECONDS = re.compile(r"[0-9]{1,9}")


class FailureKind(StrEnum):
    """Why there was no response."""

    UNSUITABLE = "unsuitable_target"
    REFUSED = "refused_address"
    UNRESOLVABLE = "unresolvable"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    RESET = "reset"
    PROTOCOL = "protocol"


@dataclass(frozen=True, slots=True)
class WebhookResponse:
    """A response, whatever its status."""

    status: int
    retry_after: str | None
    """The `Retry-After` header as it was received; see `retry_after_delay`."""
    response_excerpt: bytes
    latency_seconds: float
    """Until the response headers, name resolution and TLS handshake included."""

    def retry_after_delay(self, now: datetime) -> timedelta | None:
        """Return how long the receiver asks to wait, never negative; None if it does not ask."""
        text = (self.retry_after or "").strip()
        if _SECONDS.fullmatch(text):
            return timedelta(seconds=int(text))
        until = _date(text)
        return None if until is None else max(until - now, timedelta())


@dataclass(frozen=True, slots=True)
class WebhookFailure:
    """There was no response."""

    kind: FailureKind
    detail: str
    latency_seconds: float


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the second for a year or an offset beyond all limits
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date
