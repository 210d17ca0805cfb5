"""Kinds of background jobs that deliver webhooks."""

from datetime import timedelta

PURGE = "keep"
"""The kind of job that forgets what is old in one workspace."""
ONCE_A_DAY = timedelta(days=1)

DELIVER = "deliver"
"""The kind of job that sends what is due to one endpoint."""
REPLAY = "replay"
"""The kind of job that has a range of events delivered once more."""
