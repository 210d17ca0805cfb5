"""Digests of JSON data: the same content has the same digest on every machine."""

import hashlib
import json

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(content: object, *, length: int = 32) -> str:
    """Return the first `length` hex characters of the SHA-256 of the canonical JSON."""
    return hashlib.sha256(_CANONICAL.encode(content).encode()).hexdigest()[:length]
