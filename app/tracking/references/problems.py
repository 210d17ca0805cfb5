"""Problems of references."""

from app.core.problems import Conflict, NotFound


class ReferenceNotFound(NotFound):
    """No reference with this id is visible to you.

    `GET /v1/references` lists those that are.
    """

    title = "Reference not found"


class RefereeAlreadyNamed(Conflict):
    """This person is already a referee of this application.

    `reference` is the id of the existing reference; use that one.
    """

    title = "Referee already named"
