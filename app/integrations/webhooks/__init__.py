"""Webhooks: endpoint subscriptions, event delivery, SSRF protection and signatures."""
