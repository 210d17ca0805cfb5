"""Problems of interviews."""

from app.core.problems import Conflict, NotFound


class InterviewNotFound(NotFound):
    """No interview with this id is visible to you.

    `GET /v1/applications/{id}/interviews` lists those that are.
    """

    title = "Interview not found"


class EndNotPossible(Conflict):
    """`ended_at` must be after the interview's start, within a day of it, and not in the future.

    Correct `ended_at`, or the `starts_at` of an interview that is not concluded yet.
    """

    title = "Impossible end of the interview"


class InterviewNotTakenPlace(Conflict):
    """This interview has not started yet, or was cancelled, so no signals can be recorded.

    Record them after its start, or correct its `starts_at`.
    """

    title = "Interview has not taken place"
