"""Webhook security: URL grammar, SSRF protection, signatures."""
