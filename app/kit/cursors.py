"""Pagination cursors: a signed position in a sorted list, which the caller cannot alter.

A cursor contains the sort key of the last row of a page, and a signature over that key **and** the
list it belongs to (workspace, caller, filter, sort). A cursor that was altered or that belongs to
another list is rejected.
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
    """Signs and verifies cursors with one secret."""

    secret: bytes

    def encode(self, position: list[str], *, binding: str) -> str:
        """Return the cursor for this position in the list that `binding` identifies."""
        payload = json.dumps(position, separators=(",", ":")).encode()
        return _text(self._tag(payload, binding) + payload)

    def decode(self, cursor: str, *, binding: str) -> list[str]:
        """Return the position; raise TamperedCursorError when the signature does not match."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise TamperedCursorError(cursor) from None
        tag, payload = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        # Base64 has unused bits at its end, so several texts decode to the same bytes. Only the
        # text that `encode` returns is valid.
        if _text(raw) != cursor or not hmac.compare_digest(tag, self._tag(payload, binding)):
            raise TamperedCursorError(cursor)
        position: list[str] = json.loads(payload)
        return position

    def _tag(self, payload: bytes, binding: str) -> bytes:
        message = binding.encode() + b"\0" + payload
        return hmac.digest(self.secret, message, "sha256")[:_TAG_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
