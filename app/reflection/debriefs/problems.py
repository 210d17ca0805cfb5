"""Problems of signal releases."""

from app.core.problems import InvalidInput, NotFound


class SignalReleaseNotFound(NotFound):
    """No signals of this interview are released. The candidate releases some with `PUT`."""

    title = "Signal release not found"


class SignalNotRecorded(InvalidInput):
    """Only recorded signals can be released. `errors` lists those that are not recorded.

    Record them with `PUT /v1/interviews/{id}/signals`.
    """

    title = "Signal not recorded"
