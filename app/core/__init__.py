"""Core: settings, persistence, unit of work, messaging, HTTP, security and observability."""
