"""What can go wrong with what goes in and out in bulk."""

from http import HTTPStatus

from app.core.problems import Conflict, Problem


class MediaTypeNotTaken(Problem):
    """A history is sent as JSON Lines.

    Use `Content-Type: application/jsonl` (or `application/x-ndjson`), one application a line.
    """

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "Not JSON Lines"


class ErasureNotConfirmed(Conflict):
    """Erasing cannot be undone, so say once more who is to be erased.

    `confirm` has to be that member's own id. Yours is in `GET /v1/me`.
    """

    title = "The erasure is not confirmed"


class LastAdministrator(Conflict):
    """Nobody else could take care of this workspace, and there are others in it.

    Take another administrator in first, or erase the others.
    """

    title = "The last administrator"
