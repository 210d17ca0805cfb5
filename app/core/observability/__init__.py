"""Observability: logs, metrics, OpenTelemetry."""
