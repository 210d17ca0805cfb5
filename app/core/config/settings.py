"""Settings, from the environment (`DEBRIEF_…`) and nothing else.

Every field's description is its documentation: `docs/settings.md` lists them,
and a test fails when the two disagree.
"""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core.config.oidc_settings import OidcSettings

EMBEDDED_DATABASE_URL = "sqlite:///var/debrief.db"

_YEAR_SECONDS = 365 * 24 * 60 * 60


def _seconds(given: object) -> object:
    """Read numbers separated by commas."""
    return given.split(",") if isinstance(given, str) else given


class Settings(OidcSettings, BaseSettings):
    """What an operator can set; each is read from `DEBRIEF_` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="DEBRIEF_", frozen=True, extra="ignore")

    environment: Annotated[
        Literal["development", "production"],
        Field(
            description="`production` turns the comforts of first use off: the demo key, and "
            "webhooks to this machine or over `http`."
        ),
    ] = "development"
    database_url: Annotated[
        str,
        Field(
            description="Where the records are: `sqlite:///path/to/file.db` or "
            "`postgresql://user:password@host/database`."
        ),
    ] = EMBEDDED_DATABASE_URL
    host: Annotated[str, Field(description="The address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(description="The port to listen on.", ge=0, le=65535)] = 8000
    secret: Annotated[
        SecretStr | None,
        Field(
            description="At least 32 characters, with which page cursors are signed, answers kept "
            "for a repeated call and secrets of webhooks are sealed; the same for every process. "
            "With SQLite it is made on first use and kept beside the database file, readable by "
            "the owner alone; with PostgreSQL it must be set.",
            min_length=32,
        ),
    ] = None
    demo: Annotated[
        bool | None,
        Field(
            description="Whether `debrief serve` makes a sample search and prints a key to it. "
            "Left out: yes in development on SQLite, no otherwise."
        ),
    ] = None
    database_threads: Annotated[
        int,
        Field(
            description="How many units of work may be at the database at once, in each process; "
            "each holds one connection. SQLite writes one at a time besides.",
            ge=1,
            le=100,
        ),
    ] = 4
    sqlite_synchronous: Annotated[
        Literal["full", "normal"],
        Field(
            description="`full`: an answered write outlives a power cut. `normal`: it outlives a "
            "killed process, and a power cut may take the last moments."
        ),
    ] = "full"
    max_body_bytes: Annotated[
        int, Field(description="The largest request body that is read, in bytes.", ge=1024)
    ] = 1_048_576
    max_history_bytes: Annotated[
        int,
        Field(
            description="The largest history that is read by `POST /v1/history`, in bytes; it is "
            "never held whole. Each of its lines may be as large as another request's body.",
            ge=1024,
        ),
    ] = 268_435_456
    key_cache_seconds: Annotated[
        float,
        Field(
            description="For how long a process may go on trusting an API key it has just looked "
            "up. A key revoked elsewhere works that much longer; 0 looks it up every time.",
            ge=0,
            le=300,
        ),
    ] = 5.0

    worker: Annotated[
        bool,
        Field(
            description="Whether `debrief serve` does the work outside of requests too, such as "
            "sending webhooks. `false` where `debrief worker` runs by itself, on PostgreSQL as "
            "many as are needed."
        ),
    ] = True
    webhook_timeout_seconds: Annotated[
        float,
        Field(description="For how long the answer to a webhook is waited for.", gt=0, le=60),
    ] = 15.0
    webhook_retry_schedule: Annotated[
        list[float],
        NoDecode,
        BeforeValidator(_seconds),
        Field(
            description="After how many seconds a webhook that failed is tried again, separated by "
            "commas; after the last it is given up. By default ten attempts in 75 h 35 min.",
            min_length=1,
            max_length=50,
        ),
    ] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    events_kept_days: Annotated[
        int,
        Field(
            description="For how many days what happened is kept for `GET /v1/events`, for replays "
            "and as a log of deliveries.",
            ge=1,
            le=3650,
        ),
    ] = 30
    no_answer_days: Annotated[
        int,
        Field(
            description="After how many days without an answer to the last interview an "
            "application is learnt from as one without an offer; an answer that comes later "
            "replaces that.",
            ge=0,
            le=365,
        ),
    ] = 35
    outcome_half_life_days: Annotated[
        float | None,
        Field(
            description="After how many days an outcome counts half in what is learnt. Left out: "
            "all count alike.",
            ge=1,
            allow_inf_nan=False,
        ),
    ] = None
    quota_per_minute: Annotated[
        int,
        Field(
            description="How many calls each member may make in a minute, whatever others do at "
            "the same address, and each address (of IPv6: each /64 network) from which calls "
            "without a valid key come. Calls answered 304, `/healthz` and `/readyz` are not "
            "counted.",
            ge=1,
        ),
    ] = 600
    quota_url: Annotated[
        str,
        Field(
            description="Where calls are counted: `memory://` in each process by itself, or "
            "`redis://host:6379/0` (Redis or Valkey) for several processes together.",
            pattern=r"^(memory|rediss?|valkeys?)://",
        ),
    ] = "memory://"
    trusted_proxies: Annotated[
        list[IPv4Network | IPv6Network],
        Field(
            description="Addresses and networks of the proxies in front, as a JSON list: "
            '`["10.0.0.0/8"]`. What they say in `X-Forwarded-For` is then the address a call '
            "comes from. By default nobody is believed, and all callers behind a proxy are at its "
            "address.",
        ),
    ] = []
    log_format: Annotated[
        Literal["text", "json"],
        Field(description="How log lines are written, to standard error: `json` is for machines."),
    ] = "text"
    log_requests: Annotated[
        bool,
        Field(
            description="Whether each request is a log line: its id, method, path, status and "
            "microseconds, and never a query, a header or a body."
        ),
    ] = False
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Field(description="The least important lines that are written, of every library too."),
    ] = "warning"
    log_exception_text: Annotated[
        bool,
        Field(
            description="Whether log lines repeat what an exception says. It may quote what people "
            "wrote, so that by default only its type and where it came from are told."
        ),
    ] = False
    metrics_port: Annotated[
        int | None,
        Field(
            description="The port on which Prometheus finds `/metrics`, never that of the service "
            "itself. Left out: nothing is measured.",
            ge=0,
            le=65535,
        ),
    ] = None
    metrics_host: Annotated[
        str, Field(description="The address on which metrics are told: this machine's alone.")
    ] = "127.0.0.1"
    telemetry: Annotated[
        bool,
        Field(
            description="Whether traces and metrics go to an OpenTelemetry collector, which the "
            "standard `OTEL_…` variables name. Needs the extra `debrief[telemetry]`."
        ),
    ] = False
    ready_seconds: Annotated[
        float,
        Field(
            description="For how long `/readyz` waits for the database before it says not ready.",
            gt=0,
            le=60,
        ),
    ] = 2.0
    drain_seconds: Annotated[
        int,
        Field(
            description="For how long, once told to stop, the service still takes calls while "
            "`/readyz` says not ready, so that a load balancer can look elsewhere first.",
            ge=0,
            le=600,
        ),
    ] = 0
    stop_seconds: Annotated[
        int,
        Field(
            description="For how long, once it takes no more calls, those under way may still "
            "finish.",
            ge=1,
            le=3600,
        ),
    ] = 30
    hsts_seconds: Annotated[
        int | None,
        Field(
            description="For how long browsers are to insist on TLS with this host "
            "(`Strict-Transport-Security`); 0 says nothing. Left out: a year in production, "
            "nothing in development.",
            ge=0,
        ),
    ] = None
    cors_origins: Annotated[
        list[str],
        Field(
            description="Origins whose pages may call this service from a browser, as a JSON list: "
            '`["https://jobs.example"]`. None by default.',
        ),
    ] = []

    @property
    def is_sqlite(self) -> bool:
        """Whether the records are in an embedded SQLite file."""
        return self.database_url.startswith("sqlite")

    @property
    def sqlite_path(self) -> Path:
        """The embedded database file."""
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def insists_on_tls_seconds(self) -> int:
        """For how long browsers are told to come by TLS alone; 0 says nothing."""
        if self.hsts_seconds is not None:
            return self.hsts_seconds
        return _YEAR_SECONDS if self.environment == "production" else 0

    @property
    def makes_demo(self) -> bool:
        """Whether to make the sample search and its key on start."""
        if self.demo is not None:
            return self.demo
        return self.is_sqlite and self.environment == "development"
