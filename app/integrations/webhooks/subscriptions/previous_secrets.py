"""Secrets that were rotated out: each still signs until it expires."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

MAX_PREVIOUS_SECRETS = 9  # each adds a signature to every message


@dataclass(frozen=True, slots=True)
class PreviousSecret:
    """The ciphertext of a secret that was rotated out, and until when it signs."""

    ciphertext: bytes
    expires_at: datetime

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Return the secret from its stored form."""
        expires_at = datetime.fromisoformat(stored["expires_at"])
        return cls(bytes.fromhex(stored["ciphertext"]), expires_at)

    def to_json(self) -> dict[str, str]:
        """Return the form in which it is stored."""
        return {"ciphertext": self.ciphertext.hex(), "expires_at": self.expires_at.isoformat()}


def active_secrets(stored: Sequence[dict[str, Any]] | None, now: datetime) -> list[PreviousSecret]:
    """Return the secrets that have not expired, the most recent first."""
    return [secret for secret in _secrets(stored) if secret.expires_at > now]


def latest_expiry(stored: Sequence[dict[str, Any]] | None) -> datetime | None:
    """Return until when the last of these secrets signs; None without any."""
    return max((secret.expires_at for secret in _secrets(stored)), default=None)


def _secrets(stored: Sequence[dict[str, Any]] | None) -> list[PreviousSecret]:
    return [PreviousSecret.from_json(content) for content in stored or ()]
