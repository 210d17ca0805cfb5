"""Problems of applications."""

from app.core.problems import Conflict, InvalidInput, NotFound


class ApplicationNotFound(NotFound):
    """No application with this id is visible to you.

    `GET /v1/applications` lists those that are.
    """

    title = "Application not found"


class OutcomeNotFound(NotFound):
    """No outcome is recorded for this application yet. Record one with `PUT`."""

    title = "Outcome not found"


class OutcomeAlreadyRecorded(Conflict):
    """A different outcome is already recorded.

    To correct it, repeat the PUT with `If-Match` set to the `ETag` of `GET …/outcome`.
    """

    title = "Outcome already recorded"


class RecruiterUnknown(InvalidInput):
    """`shared_with` is not the id of a recruiter in this workspace.

    An administrator can add the recruiter first.
    """

    title = "Unknown recruiter"
