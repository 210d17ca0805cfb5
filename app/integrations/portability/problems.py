"""Problems of import, export and erasure."""

from http import HTTPStatus

from app.core.problems import Conflict, Problem


class UnsupportedMediaType(Problem):
    """The import reads JSON Lines: one application per line.

    Send `Content-Type: application/jsonl` (or `application/x-ndjson`).
    """

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "Unsupported media type"


class ErasureNotConfirmed(Conflict):
    """An erasure cannot be undone, so it has to be confirmed.

    `confirm` must be the id of the member to erase. Yours is in `GET /v1/me`.
    """

    title = "Erasure not confirmed"


class LastAdministrator(Conflict):
    """This is the last administrator of a workspace that has other members.

    Add another administrator first, or erase the other members.
    """

    title = "Last administrator"
