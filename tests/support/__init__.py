"""Shared by tests: a running service, server processes, receivers, databases, generated data."""
