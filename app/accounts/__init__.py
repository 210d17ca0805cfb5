"""Accounts: workspaces, members, API keys, and the authentication of requests."""
