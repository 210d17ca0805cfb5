"""Secrets that were rotated out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.integrations.webhooks.subscriptions.previous_secrets import (
    PreviousSecret,
    active_secrets,
    latest_expiry,
)

NOW = datetime(2026, 11, 12, 15, 10, 0, 123456, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def secret(name: bytes, expires_at: datetime) -> PreviousSecret:
    return PreviousSecret(name, expires_at)


def test_a_secret_survives_its_stored_form() -> None:
    before = secret(b"\x00\xffciphertext", NOW)
    stored = before.to_json()
    assert stored == {
        "ciphertext": before.ciphertext.hex(),
        "expires_at": "2026-11-12T15:10:00.123456+00:00",
    }
    assert PreviousSecret.from_json(stored) == before


def test_an_expired_secret_is_not_active_and_the_others_keep_their_order() -> None:
    secrets = [
        secret(b"newest", NOW + SECOND),
        secret(b"expired", NOW - SECOND),
        secret(b"expires now", NOW),
        secret(b"oldest", NOW + 2 * SECOND),
    ]
    active = active_secrets([each.to_json() for each in secrets], NOW)
    assert active == [secrets[0], secrets[3]]


def test_the_latest_expiry_is_that_of_any_of_them() -> None:
    secrets = [secret(b"newest", NOW), secret(b"oldest", NOW + SECOND), secret(b"older", NOW)]
    assert latest_expiry([each.to_json() for each in secrets]) == NOW + SECOND


@pytest.mark.parametrize("nothing", [None, []])
def test_without_previous_secrets_none_is_active_and_none_expires(
    nothing: list[Any] | None,
) -> None:
    assert active_secrets(nothing, NOW) == []
    assert latest_expiry(nothing) is None
