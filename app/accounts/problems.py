"""Problems of members and API keys."""

from http import HTTPStatus

from app.core.problems import Conflict, NotFound, Problem


class MemberNotFound(NotFound):
    """No member has this id, or this key may not see it.

    `GET /v1/members` lists all members for an administrator.
    """

    title = "Member not found"


class KeyNotFound(NotFound):
    """No API key has this id, or you may not see it. `GET /v1/keys` lists those you may see."""

    title = "API key not found"


class KeyEnded(Conflict):
    """This API key is revoked or expired and cannot be rotated.

    Create a new one with `POST /v1/keys`.
    """

    title = "API key revoked or expired"


class ScopeNotGiven(Problem):
    """A new key can only have scopes of your key or, for another member, of their role.

    `errors` lists the scopes. `GET /v1/me` lists yours.
    """

    status = HTTPStatus.FORBIDDEN
    title = "Scopes not allowed"


class KeyForAnother(Problem):
    """Only an administrator can create keys for other members. For your own, leave out `member`."""

    status = HTTPStatus.FORBIDDEN
    title = "Key for another member"
