"""Errors of telemetry."""


class TelemetryUnusableError(Exception):
    """Telemetry is asked for and cannot be had; says what is missing."""
