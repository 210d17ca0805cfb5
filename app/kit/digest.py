"""Digests of plain data: the same content gives the same text on every machine."""

import hashlib
import json


def digest(content: object, *, length: int = 32) -> str:
    """Return the first `length` hex characters of the SHA-256 of the canonical JSON."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:length]
