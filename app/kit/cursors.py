"""Page cursors: a place in a sorted list that the caller can carry but not alter.

A cursor holds the sort key of the last row shown, and a signature over that
key **and** the list it belongs to (workspace, caller, filter, sort). Carried to
another list, or changed by one character, it no longer opens.
"""

import base64
import binascii
import hmac
import json
from dataclasses import dataclass

_TAG_BYTES = 16


class TamperedCursorError(ValueError):
    """The cursor was altered, or belongs to another list."""


@dataclass(frozen=True, slots=True)
class CursorSigner:
    """Seals and opens cursors with one secret."""

    secret: bytes

    def encode(self, place: list[str], *, binding: str) -> str:
        """Return the cursor for this place in the list that `binding` names."""
        payload = json.dumps(place, separators=(",", ":")).encode()
        return _text(self._tag(payload, binding) + payload)

    def decode(self, cursor: str, *, binding: str) -> list[str]:
        """Return the place again; raise TamperedCursorError when the seal does not hold."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise TamperedCursorError(cursor) from None
        tag, payload = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        # base64 has spare bits at its end: only the one spelling we would write ourselves counts.
        if _text(raw) != cursor or not hmac.compare_digest(tag, self._tag(payload, binding)):
            raise TamperedCursorError(cursor)
        place: list[str] = json.loads(payload)
        return place

    def _tag(self, payload: bytes, binding: str) -> bytes:
        message = binding.encode() + b"\0" + payload
        return hmac.digest(self.secret, message, "sha256")[:_TAG_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
