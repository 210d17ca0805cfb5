"""Security: the server secret, and encryption at rest."""
