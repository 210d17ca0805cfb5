"""Walks through lists by cursor while rows come, change and go."""
