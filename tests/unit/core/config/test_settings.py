"""Settings: defaults, what follows from the environment, and values that are rejected."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.core.config.oidc_settings import is_https_or_loopback
from app.core.config.settings import Settings

POSTGRESQL = "postgresql://user:password@host/database"


def settings(**values: Any) -> Settings:
    return Settings.model_validate(values)


def test_settings_are_read_from_prefixed_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBRIEF_PORT", "9000")
    monkeypatch.setenv("DEBRIEF_WEBHOOK_RETRY_SCHEDULE", "1,2.5,30")
    monkeypatch.setenv("DEBRIEF_TRUSTED_PROXIES", '["10.0.0.0/8"]')
    read = Settings()
    assert read.port == 9000
    assert read.webhook_retry_schedule == [1, 2.5, 30]
    assert [str(network) for network in read.trusted_proxies] == ["10.0.0.0/8"]


def test_the_default_is_an_embedded_database_for_development() -> None:
    default = settings()
    assert default.is_sqlite
    assert str(default.sqlite_path) == "var/debrief.db"
    assert default.makes_demo
    assert default.hsts_max_age == 0


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"environment": "production"}, False),
        ({"database_url": POSTGRESQL}, False),
        ({"environment": "production", "demo": True}, True),
        ({"demo": False}, False),
    ],
)
def test_sample_data_is_for_development_on_sqlite(
    values: dict[str, Any], *, expected: bool
) -> None:
    assert settings(**values).makes_demo is expected


def test_hsts_is_on_in_production() -> None:
    assert settings(environment="production").hsts_max_age == 365 * 24 * 60 * 60
    assert settings(environment="production", hsts_seconds=0).hsts_max_age == 0
    assert settings(hsts_seconds=60).hsts_max_age == 60


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        settings().port = 1  # type: ignore[misc]  # that is what is tested


@pytest.mark.parametrize(
    "values",
    [
        {"secret": "too short"},
        {"port": 70_000},
        {"environment": "moon"},
        {"webhook_retry_schedule": ""},
        {"webhook_retry_schedule": "1,soon"},
        {"rate_limit_url": "http://127.0.0.1"},
        {"oidc_issuer": "http://id.example"},
        {"oidc_issuer": "https://id.example?x"},
        {"oidc_issuer": "https://id.example"},  # without an audience
        {"oidc_algorithms": ["HS256"]},
        {"outcome_half_life_days": 0},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_value_that_makes_no_sense_is_rejected(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**values)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://id.example/realms/x", True),
        ("http://127.0.0.1:8080/x", True),
        ("http://localhost/x", True),
        ("http://[::1]/x", True),
        ("http://id.example", False),
        ("https://user@id.example", False),
        ("https://id.example#x", False),
        ("https://", False),
        ("ftp://id.example", False),
        ("https://[", False),
    ],
)
def test_a_provider_is_reached_by_tls_or_on_this_machine(url: str, *, expected: bool) -> None:
    assert is_https_or_loopback(url) is expected
