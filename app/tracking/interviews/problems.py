"""What can go wrong with interviews."""

from app.core.problems import Conflict, NotFound


class InterviewNotFound(NotFound):
    """There is no interview under this id that this key may see.

    `GET /v1/applications/{id}/interviews` lists them.
    """

    title = "No such interview"


class EndNotPossible(Conflict):
    """An interview ends after it started, within a day of it, and not in the future.

    Correct `ended_at`, or the `starts_at` of an interview that is not concluded yet.
    """

    title = "This end is not possible"


class InterviewNotTakenPlace(Conflict):
    """This interview has not taken place yet, so there is nothing to observe in it.

    Come back after it, or correct its `starts_at`.
    """

    title = "The interview has not taken place"
