"""Clients that others' generators make from the published document."""
