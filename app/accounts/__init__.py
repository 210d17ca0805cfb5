"""Accounts: workspaces, their members and API keys; who is calling and what they may do."""
