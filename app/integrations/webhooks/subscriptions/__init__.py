"""Webhook endpoints: create, update, pause, rotate secrets."""
