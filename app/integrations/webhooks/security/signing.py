"""The signature by which a receiver knows that a webhook is ours: Standard Webhooks, `v1`.

While a secret is being exchanged, both the old and the new one sign: a receiver that
holds either of them can go on.
"""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with is no secret
SECRET_BYTES = 32
"""How much randomness a secret holds; the standard asks for 24 to 64 bytes."""


def secret_of(randomness: bytes) -> str:
    """Write a secret as receivers are given it; raise ValueError for another length."""
    if len(randomness) != SECRET_BYTES:
        message = f"a secret is made of {SECRET_BYTES} bytes"
        raise ValueError(message)
    return SECRET_PREFIX + base64.b64encode(randomness).decode()


def headers_for(
    message_id: str, at: datetime, body: bytes, secrets: Sequence[str]
) -> dict[str, str]:
    """Return the headers of one attempt: `at` is the attempt's time, and aware.

    The id stays the same over all attempts, so that a receiver can tell a repeat. Raise
    ValueError where there is no secret: nothing is ever sent unsigned.
    """
    if not secrets:
        message = "a webhook is not sent unsigned"
        raise ValueError(message)
    # The library takes the hour for UTC whatever the zone says.
    at, text = at.astimezone(UTC), body.decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(one).sign(message_id, at, text) for one in secrets),
    }
