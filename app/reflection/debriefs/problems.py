"""What can go wrong with what is released of a debrief."""

from app.core.problems import InvalidInput, NotFound


class SignalReleaseNotFound(NotFound):
    """No signals of this interview are released. The candidate releases some with `PUT`."""

    title = "Nothing released"


class SignalNotRecorded(InvalidInput):
    """Only signals that are recorded can be released; `errors` names those that are not.

    `PUT /v1/interviews/{id}/signals` records them.
    """

    title = "Not on the sheet"
