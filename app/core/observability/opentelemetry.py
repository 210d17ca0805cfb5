"""OpenTelemetry: traces and metrics for a collector, configured by the `OTEL_…` variables.

FastAPI creates the spans and exports them; this module returns its configuration. It needs the
packages of `debrief[telemetry]`, so it is imported only when telemetry is on.
"""

import os
from importlib.metadata import version
from typing import Any

import opentelemetry.exporter.otlp.proto.http  # noqa: F401 - FastAPI needs it; an error if missing
from fastapi.telemetry import TelemetryConfig
from opentelemetry.context import Context
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider

from app.core.observability.errors import TelemetryConfigError

_SIGNALS = ("TRACES", "METRICS")
_NO_COLLECTOR = (
    "DEBRIEF_TELEMETRY is on and no collector is configured. Set OTEL_EXPORTER_OTLP_ENDPOINT, for "
    "instance to http://127.0.0.1:4318."
)


class QueryRedactingSpanProcessor(SpanProcessor):
    """Removes the query string from every span, because searches contain names of people."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Overwrite the query string that FastAPI has set."""
        del parent_context
        if span.attributes and "url.query" in span.attributes:
            span.set_attribute("url.query", "REDACTED")


def opentelemetry_config() -> TelemetryConfig:
    """Return FastAPI's telemetry configuration.

    Raises TelemetryConfigError when no collector is configured. Log events are off: they contain
    the messages of exceptions, which may quote user content.
    """
    if not any(_has_destination(signal) for signal in _SIGNALS):
        raise TelemetryConfigError(_NO_COLLECTOR)
    resource = _resource()
    tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
    tracers.add_span_processor(QueryRedactingSpanProcessor())
    return {
        "tracer_provider": tracers,
        "meter_provider": MeterProvider(resource=resource, shutdown_on_exit=False),
        "logs": False,
        "auto_configure": True,
    }


def _has_destination(signal: str) -> bool:
    """Whether a collector is configured for this signal, or its export is turned off."""
    return os.environ.get(f"OTEL_{signal}_EXPORTER") == "none" or any(
        os.environ.get(name)
        for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    )


def _resource() -> Resource:
    """Return the name and version of the service; the `OTEL_…` variables take precedence."""
    defaults: dict[str, Any] = {SERVICE_VERSION: version("debrief")}
    resource = Resource(defaults).merge(Resource.create())
    if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return resource.merge(Resource({SERVICE_NAME: "debrief"}))
    return resource
