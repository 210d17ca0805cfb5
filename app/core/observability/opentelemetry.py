"""Traces and metrics for an OpenTelemetry collector, where and how the `OTEL_…` variables say.

FastAPI makes the spans and sends them; here is only what it is given. This module needs the
packages of `debrief[telemetry]`, so it is imported only when somebody asks for telemetry.
"""

import os
from importlib.metadata import version
from typing import Any

import opentelemetry.exporter.otlp.proto.http  # noqa: F401 - FastAPI sends by it; missing, we say so
from fastapi.telemetry import TelemetryConfig
from opentelemetry.context import Context
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider

from app.core.observability.errors import TelemetryConfigError

_SIGNALS = ("TRACES", "METRICS")
_NO_COLLECTOR = (
    "DEBRIEF_TELEMETRY is on and nothing says where the collector is. Set "
    "OTEL_EXPORTER_OTLP_ENDPOINT, for instance to http://127.0.0.1:4318."
)


class QueryRedactingSpanProcessor(SpanProcessor):
    """Takes the query string out of every span: people search for names."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Write over the query that FastAPI has put there."""
        del parent_context
        if span.attributes and "url.query" in span.attributes:
            span.set_attribute("url.query", "REDACTED")


def opentelemetry_config() -> TelemetryConfig:
    """Return what FastAPI is to do; raise TelemetryUnusableError where it could send nothing.

    Its log events are off: they repeat what exceptions say, and that may quote what people wrote.
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
    """Whether somebody said where this signal goes, or that it is to go nowhere."""
    return os.environ.get(f"OTEL_{signal}_EXPORTER") == "none" or any(
        os.environ.get(name)
        for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    )


def _resource() -> Resource:
    """Say who speaks; what the variables say of it goes before."""
    ours: dict[str, Any] = {SERVICE_VERSION: version("debrief")}
    told = Resource(ours).merge(Resource.create())
    if str(told.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return told.merge(Resource({SERVICE_NAME: "debrief"}))
    return told
