"""Kinds of background jobs of webhooks, besides `FAN_OUT`, which the outbox enqueues."""

from datetime import timedelta

PURGE = "purge"
"""Deletes expired events of one workspace."""
ONCE_A_DAY = timedelta(days=1)

DELIVER = "deliver"
"""Sends the due deliveries of one endpoint."""
REPLAY = "replay"
"""Delivers a range of events to one endpoint again."""
