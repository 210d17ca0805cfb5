"""What can go wrong with references."""

from app.core.problems import Conflict, NotFound


class ReferenceNotFound(NotFound):
    """There is no reference under this id that this key may see.

    `GET /v1/references` lists them.
    """

    title = "No such reference"


class RefereeAlreadyNamed(Conflict):
    """This person is a referee in this application already: once is enough.

    `reference` is the id under which; go on with that one.
    """

    title = "Named before"
