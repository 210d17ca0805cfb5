"""Errors of telemetry."""


class TelemetryConfigError(Exception):
    """Telemetry is on and cannot work; the message says what is missing."""
