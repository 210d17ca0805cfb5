"""What can go wrong with members and keys."""

from http import HTTPStatus

from app.core.problems import Conflict, NotFound, Problem


class MemberNotFound(NotFound):
    """There is no member under this id that this key may see.

    `GET /v1/members` lists them to an administrator.
    """

    title = "No such member"


class KeyNotFound(NotFound):
    """There is no key under this id that you may see. `GET /v1/keys` lists those you may."""

    title = "No such key"


class KeyEnded(Conflict):
    """This key is revoked or has expired, so there is nothing to follow on from it.

    Make a new one with `POST /v1/keys`.
    """

    title = "The key has ended"


class ScopeNotGiven(Problem):
    """Nobody can hand on what they do not have, or what the member's role cannot have.

    `errors` names the scopes; `GET /v1/me` lists yours.
    """

    status = HTTPStatus.FORBIDDEN
    title = "These scopes cannot be given"


class KeyForAnother(Problem):
    """Only an administrator makes keys for others. Leave `member` out to make one of your own."""

    status = HTTPStatus.FORBIDDEN
    title = "Not a key of your own"
