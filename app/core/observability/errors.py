"""Errors of telemetry."""


class TelemetryConfigError(Exception):
    """Telemetry is asked for and cannot be had; says what is missing."""
