"""Repeated calls under fire: two server processes, eight callers at once, kill -9 now and then."""
