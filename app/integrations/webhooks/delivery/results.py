"""The result of one webhook request: a response, or a failure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

_SECONDS = re.compile(r"[0-9]{1,9}")


class FailureKind(StrEnum):
    """Why no answer came."""

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
    """What the receiver answered, whatever the status."""

    status: int
    retry_after: str | None
    """The header as it came; see `asks_to_wait`."""
    first_bytes: bytes
    latency_seconds: float
    """From the call until the status was there, a look-up and a handshake included."""

    def retry_after_delay(self, now: datetime) -> timedelta | None:
        """Return for how long the receiver asks to be left alone, at least nothing; None if not."""
        text = (self.retry_after or "").strip()
        if _SECONDS.fullmatch(text):
            return timedelta(seconds=int(text))
        until = _date(text)
        return None if until is None else max(until - now, timedelta())


@dataclass(frozen=True, slots=True)
class WebhookFailure:
    """That no answer came, and why."""

    kind: FailureKind
    detail: str
    latency_seconds: float


def _date(text: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(text)
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read
