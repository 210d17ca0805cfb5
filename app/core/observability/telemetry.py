"""Telemetry: whether FastAPI exports traces and metrics to a collector. Off by default."""

from importlib import import_module

from fastapi.telemetry import TelemetryConfig

from app.core.config.settings import Settings
from app.core.observability.errors import TelemetryConfigError

# Without this, FastAPI exports query strings and the messages of exceptions as soon as one of its
# own environment variables is set.
OFF: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}


_NOT_INSTALLED = (
    "DEBRIEF_TELEMETRY is on and its packages are not installed. Install the extra "
    "debrief[telemetry], or set DEBRIEF_TELEMETRY=false."
)


def telemetry(settings: Settings) -> TelemetryConfig:
    """Return FastAPI's telemetry configuration; raise TelemetryConfigError when it cannot work."""
    if not settings.telemetry:
        return OFF
    try:
        # Imported here: its packages are an optional extra and slow to load.
        otel = import_module("app.core.observability.opentelemetry")
    except ModuleNotFoundError as error:
        raise TelemetryConfigError(_NOT_INSTALLED) from error
    config: TelemetryConfig = otel.opentelemetry_config()
    return config
