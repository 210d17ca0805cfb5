"""What can go wrong with applications."""

from app.core.problems import Conflict, InvalidInput, NotFound


class ApplicationNotFound(NotFound):
    """There is no application under this id that this key may see.

    `GET /v1/applications` lists them.
    """

    title = "No such application"


class OutcomeNotFound(NotFound):
    """No outcome is recorded for this application yet. Record it with `PUT` when you know it."""

    title = "No outcome yet"


class OutcomeAlreadyRecorded(Conflict):
    """Another outcome is already recorded.

    To correct it, repeat the PUT with `If-Match` set to the `ETag` of `GET …/outcome`.
    """

    title = "Another outcome is recorded"


class RecruiterUnknown(InvalidInput):
    """`shared_with` names no recruiter of this workspace.

    An administrator can take the recruiter in first.
    """

    title = "No such recruiter here"
