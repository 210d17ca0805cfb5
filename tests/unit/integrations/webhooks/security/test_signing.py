"""Webhook signatures: the receivers' library accepts them, with the right secret, body and time."""

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app.integrations.webhooks.security.signing import headers_for, secret_of

OLD = secret_of(bytes(range(32)))
NEW = secret_of(bytes(range(32, 64)))
BODY = '{"type":"interview.concluded","city":"Zürich"}'.encode()


def signed(*secrets: str, at: datetime | None = None) -> dict[str, str]:
    return headers_for("evt_01", at or datetime.now(UTC), BODY, secrets)


def test_a_signature_holds_by_the_library_of_the_standard() -> None:
    assert Webhook(NEW).verify(BODY, signed(NEW))["type"] == "interview.concluded"


def test_a_time_of_another_zone_signs_the_same_instant() -> None:
    there = datetime.now(timezone(timedelta(hours=9)))
    assert Webhook(NEW).verify(BODY, signed(NEW, at=there))


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_while_a_secret_is_exchanged_either_of_them_verifies(secret: str) -> None:
    headers = signed(NEW, OLD)
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert Webhook(secret).verify(BODY, headers)


def test_after_the_exchange_the_old_secret_no_longer_verifies() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(BODY, signed(NEW))


def test_an_altered_body_is_refused() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(BODY + b" ", signed(NEW))


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_an_altered_id_or_time_is_refused(name: str) -> None:
    headers = signed(NEW)
    last = "1" if headers[name].endswith("0") else "0"
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(BODY, headers | {name: headers[name][:-1] + last})


def test_an_old_attempt_is_refused() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(BODY, signed(NEW, at=datetime.now(UTC) - timedelta(minutes=6)))


def test_nothing_is_sent_unsigned() -> None:
    with pytest.raises(ValueError, match="unsigned"):
        signed()


def test_a_secret_is_as_the_standard_writes_it() -> None:
    prefix, _, rest = OLD.partition("_")
    assert (prefix, len(base64.b64decode(rest, validate=True))) == ("whsec", 32)
    with pytest.raises(ValueError, match="32 bytes"):
        secret_of(b"short")
