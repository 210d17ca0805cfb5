"""Small changes to the real contract: those that break its clients, and those that must not."""
