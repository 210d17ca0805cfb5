"""The unit of work: sessions, event handlers, retries and the runner."""
