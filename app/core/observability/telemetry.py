"""Whether a collector is told of requests: off, unless somebody asks for it."""

from importlib import import_module

from fastapi.telemetry import TelemetryConfig

from app.core.config.settings import Settings
from app.core.observability.errors import TelemetryConfigError

# FastAPI would else send queries and the words of exceptions as soon as any of its own
# variables is set.
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
    """Return what FastAPI is to tell a collector; raise TelemetryUnusableError when it cannot."""
    if not settings.telemetry:
        return OFF
    try:
        # Its packages are an extra, and loading them takes a while.
        otel = import_module("app.core.observability.opentelemetry")
    except ModuleNotFoundError as error:
        raise TelemetryConfigError(_NOT_INSTALLED) from error
    config: TelemetryConfig = otel.opentelemetry_config()
    return config
