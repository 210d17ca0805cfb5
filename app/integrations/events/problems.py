"""Problems of the event feed."""

from app.core.problems import InvalidInput


class EventUnknown(InvalidInput):
    """There is no event of yours under this `Last-Event-ID`; it may be older than what is kept.

    Read `GET /v1/events` from its beginning, and then connect with the `id` of the last one read.
    """

    title = "No such event to go on from"
