"""Integrations: events, webhooks, import and export, and data subject rights."""
