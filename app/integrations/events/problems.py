"""Problems of the event feed."""

from app.core.problems import InvalidInput


class EventUnknown(InvalidInput):
    """No event with the id in `Last-Event-ID` is visible to you; it may have expired.

    Read `GET /v1/events` from the beginning, then connect with the `id` of the last event read.
    """

    title = "Event not found"
