"""Webhook signatures (Standard Webhooks, `v1`), by which receivers verify that a message is ours.

During a rotation both the old and the new secret sign, so that a receiver with either of them
can verify.
"""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix is not secret
SECRET_BYTES = 32
"""The number of random bytes in a secret; the standard requires 24 to 64."""


def secret_of(randomness: bytes) -> str:
    """Return a secret in the format for receivers; raise ValueError for another length."""
    if len(randomness) != SECRET_BYTES:
        message = f"a secret is made of {SECRET_BYTES} bytes"
        raise ValueError(message)
    return SECRET_PREFIX + base64.b64encode(randomness).decode()


def headers_for(
    message_id: str, at: datetime, body: bytes, secrets: Sequence[str]
) -> dict[str, str]:
    """Return the headers of one attempt; `at` is its time, with a time zone.

    The id is the same for all attempts, so that a receiver can recognise a repeat. Raises
    ValueError when there is no secret: nothing is ever sent unsigned.
    """
    if not secrets:
        message = "a webhook is not sent unsigned"
        raise ValueError(message)
    # The library ignores the time zone and treats every time as UTC.
    at, text = at.astimezone(UTC), body.decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(
            Webhook(secret).sign(message_id, at, text) for secret in secrets
        ),
    }
