"""Settings, read from environment variables (`DEBRIEF_…`) only.

The description of each field is its documentation; a test compares `docs/settings.md` with it.
"""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core.config.oidc_settings import OidcSettings

EMBEDDED_DATABASE_URL = "sqlite:///var/debrief.db"

_YEAR_SECONDS = 365 * 24 * 60 * 60
_MAX_RETRY_DELAY = 30 * 24 * 60 * 60
_MIN_SECRET_LENGTH = 32


def _split(value: object) -> object:
    """Split numbers that are separated by commas."""
    return value.split(",") if isinstance(value, str) else value


def _check_database_url(url: str) -> str:
    """Reject what would fail later with a less clear error, or create a file nobody meant."""
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and rest not in {"/", "/:memory:"}:
        return url
    if scheme not in {"postgresql", "postgresql+psycopg"} or not _is_port(urlsplit(url)):
        message = (
            "must be `sqlite:///path/to/file.db` or `postgresql://user:password@host:port/database`"
        )
        raise ValueError(message)
    return url


def _is_port(parts: SplitResult) -> bool:
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def _check_secret(secret: SecretStr | None) -> SecretStr | None:
    if secret is not None and len(secret) < _MIN_SECRET_LENGTH:
        message = f"must have at least {_MIN_SECRET_LENGTH} characters"
        raise ValueError(message)
    return secret


class Settings(OidcSettings, BaseSettings):
    """The settings of the service; each is read from `DEBRIEF_` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="DEBRIEF_", frozen=True, extra="ignore")

    environment: Annotated[
        Literal["development", "production"],
        Field(
            description="`production` turns off the conveniences of development: the demo key, and "
            "webhooks to this machine or over plain HTTP."
        ),
    ] = "development"
    database_url: Annotated[
        str,
        AfterValidator(_check_database_url),
        Field(
            description="The database: `sqlite:///path/to/file.db` or "
            "`postgresql://user:password@host/database`."
        ),
    ] = EMBEDDED_DATABASE_URL
    host: Annotated[str, Field(description="The address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(description="The port to listen on.", ge=0, le=65535)] = 8000
    secret: Annotated[
        SecretStr | None,
        AfterValidator(_check_secret),
        Field(
            description="The server secret, at least 32 characters, the same for every process. It "
            "signs page cursors, and encrypts webhook secrets and stored idempotent responses. "
            "With SQLite it is generated on first use and stored beside the database file, "
            "readable by the owner only; with PostgreSQL it must be set.",
        ),
    ] = None
    demo: Annotated[
        bool | None,
        Field(
            description="Whether `debrief serve` creates sample data and prints an API key for it. "
            "Default: yes in development on SQLite, no otherwise."
        ),
    ] = None
    database_threads: Annotated[
        int,
        Field(
            description="The size of the connection pool of each process: how many units of work "
            "may run at once, each on its own connection. SQLite has one more connection, for "
            "writes.",
            ge=1,
            le=100,
        ),
    ] = 4
    sqlite_synchronous: Annotated[
        Literal["full", "normal"],
        Field(
            description="`full`: an acknowledged write survives a power failure. `normal`: it "
            "survives a killed process, and a power failure may lose the last moments."
        ),
    ] = "full"
    commit_pipeline: Annotated[
        bool,
        Field(
            description="PostgreSQL: send the last statements of a transaction together with its "
            "COMMIT, which saves a round trip. Set `false` where a proxy in front of the database "
            "cannot handle libpq's pipeline mode."
        ),
    ] = True
    max_body_bytes: Annotated[
        int, Field(description="The maximum size of a request body, in bytes.", ge=1024)
    ] = 1_048_576
    max_history_bytes: Annotated[
        int,
        Field(
            description="The maximum size of the body of an import (`POST /v1/history`), in bytes; "
            "it is streamed and never held in memory as a whole. The limit of each line is "
            "`DEBRIEF_MAX_BODY_BYTES`.",
            ge=1024,
        ),
    ] = 268_435_456
    key_cache_seconds: Annotated[
        float,
        Field(
            description="How long a process caches an API key after it looked it up. A key that is "
            "revoked in another process works that much longer; 0 turns the cache off.",
            ge=0,
            le=300,
        ),
    ] = 5.0

    worker: Annotated[
        bool,
        Field(
            description="Whether `debrief serve` also runs background jobs, such as sending "
            "webhooks. Set `false` where `debrief worker` runs as a process of its own (on "
            "PostgreSQL any number of them)."
        ),
    ] = True
    webhook_timeout_seconds: Annotated[
        float,
        Field(description="The timeout of a webhook request, in seconds.", gt=0, le=60),
    ] = 15.0
    webhook_retry_schedule: Annotated[
        list[Annotated[float, Field(ge=0, le=_MAX_RETRY_DELAY, allow_inf_nan=False)]],
        NoDecode,
        BeforeValidator(_split),
        Field(
            description="The backoff of webhook deliveries: the delays before each retry in "
            "seconds, separated by commas. After the last one a delivery is given up. Default: ten "
            "attempts within 75 h 35 min.",
            min_length=1,
            max_length=50,
        ),
    ] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    event_retention_days: Annotated[
        int,
        Field(
            description="The retention of events in days: for `GET /v1/events`, replays and the "
            "delivery log.",
            ge=1,
            le=3650,
        ),
    ] = 30
    no_response_days: Annotated[
        int,
        Field(
            description="After how many days without a response to the last interview an "
            "application counts as one without an offer when the model is trained. A response that "
            "comes later replaces that.",
            ge=0,
            le=365,
        ),
    ] = 35
    outcome_half_life_days: Annotated[
        float | None,
        Field(
            description="The half-life of an outcome in training, in days. Default: all outcomes "
            "have the same weight.",
            ge=1,
            allow_inf_nan=False,
        ),
    ] = None
    rate_limit_per_minute: Annotated[
        int,
        Field(
            description="The rate limit: requests per minute of each member, whatever address they "
            "come from, and of each address (each /64 network of IPv6) that sends requests without "
            "a valid key. Responses with status 304, `/healthz` and `/readyz` do not count.",
            ge=1,
        ),
    ] = 600
    rate_limit_url: Annotated[
        str,
        Field(
            description="Where rate limits are counted: `memory://` (each process by itself) or "
            "`redis://host:6379/0` (Redis or Valkey, shared by all processes).",
            pattern=r"^(memory|rediss?|valkeys?)://",
        ),
    ] = "memory://"
    trusted_proxies: Annotated[
        list[IPv4Network | IPv6Network],
        Field(
            description="Addresses and networks of reverse proxies, as a JSON list: "
            '`["10.0.0.0/8"]`. Only these may name the client\'s address in `X-Forwarded-For`. By '
            "default none may, and all clients behind a proxy have its address.",
        ),
    ] = []
    log_format: Annotated[
        Literal["text", "json"],
        Field(
            description="The format of log lines, which go to standard error: `text`, or `json` "
            "for machines."
        ),
    ] = "text"
    log_requests: Annotated[
        bool,
        Field(
            description="Whether each request is logged: request id, method, path, status and "
            "duration in microseconds; never the query, headers or body."
        ),
    ] = False
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Field(description="The minimum level of log lines, of libraries too."),
    ] = "warning"
    log_exception_text: Annotated[
        bool,
        Field(
            description="Whether log lines contain the messages of exceptions. They may quote what "
            "people wrote, so by default only the type and the stack frames are logged."
        ),
    ] = False
    metrics_port: Annotated[
        int | None,
        Field(
            description="The port of the Prometheus endpoint `/metrics`, which is never the port "
            "of the API. Default: no metrics.",
            ge=0,
            le=65535,
        ),
    ] = None
    metrics_host: Annotated[
        str, Field(description="The address that the metrics endpoint listens on.")
    ] = "127.0.0.1"
    telemetry: Annotated[
        bool,
        Field(
            description="Whether to export traces and metrics to an OpenTelemetry collector, "
            "configured by the standard `OTEL_…` variables. Needs the extra `debrief[telemetry]`."
        ),
    ] = False
    readiness_timeout_seconds: Annotated[
        float,
        Field(
            description="The timeout of the database check in `/readyz`, in seconds.",
            gt=0,
            le=60,
        ),
    ] = 2.0
    drain_seconds: Annotated[
        int,
        Field(
            description="How long the service still accepts requests after SIGTERM, while "
            "`/readyz` answers 503, so that a load balancer stops sending traffic first. In "
            "seconds.",
            ge=0,
            le=600,
        ),
    ] = 0
    shutdown_timeout_seconds: Annotated[
        int,
        Field(
            description="How long requests and jobs in progress may take to finish when the "
            "service stops, in seconds.",
            ge=1,
            le=3600,
        ),
    ] = 30
    hsts_seconds: Annotated[
        int | None,
        Field(
            description="The `max-age` of `Strict-Transport-Security`; 0 sends no header. Default: "
            "one year in production, no header in development.",
            ge=0,
        ),
    ] = None
    cors_origins: Annotated[
        list[str],
        Field(
            description="Origins whose pages may call the API from a browser (CORS), as a JSON "
            'list: `["https://jobs.example"]`.',
        ),
    ] = []

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is an SQLite file."""
        return self.database_url.startswith("sqlite")

    @property
    def sqlite_path(self) -> Path:
        """The path of the SQLite file."""
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def hsts_max_age(self) -> int:
        """The `max-age` of Strict-Transport-Security; 0 sends no header."""
        if self.hsts_seconds is not None:
            return self.hsts_seconds
        return _YEAR_SECONDS if self.environment == "production" else 0

    @property
    def makes_demo(self) -> bool:
        """Whether to create sample data on start."""
        if self.demo is not None:
            return self.demo
        return self.is_sqlite and self.environment == "development"
