"""Programs that run for minutes against real servers: conformance, chaos and others."""
