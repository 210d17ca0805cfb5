"""Secrets that were replaced: each signs besides the newest one until its own time has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

MOST_BEFORE = 9  # each adds a signature to every message


@dataclass(frozen=True, slots=True)
class PreviousSecret:
    """A sealed secret that was replaced, and until when it signs."""

    sealed: bytes
    ends_at: datetime

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """Return what was kept."""
        return cls(bytes.fromhex(told["sealed"]), datetime.fromisoformat(told["ends_at"]))

    def kept(self) -> dict[str, str]:
        """Return what is kept of it."""
        return {"sealed": self.sealed.hex(), "ends_at": self.ends_at.isoformat()}


def active_secrets(kept: Sequence[dict[str, Any]] | None, now: datetime) -> list[PreviousSecret]:
    """Return the secrets whose time has not come, the one replaced last first."""
    return [each for told in kept or () if (each := PreviousSecret.of(told)).ends_at > now]


def latest_expiry(kept: Sequence[dict[str, Any]] | None) -> datetime | None:
    """Return until when any of these signs."""
    return max((PreviousSecret.of(told).ends_at for told in kept or ()), default=None)
