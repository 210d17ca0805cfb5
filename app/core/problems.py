"""Problems: every answer of 400 and above, as RFC 9457 asks.

    Problem
    ├── BadRequest 400      UndecodableBody, RequestUnreadable
    ├── Unauthorized 401    KeyMissing, KeyInvalid, TokenInvalid
    ├── Forbidden 403       ScopeMissing, RoleMissing, WorkspaceUnknown, OriginRefused
    ├── NotFound 404        PathUnknown, and one per kind of thing in its own room
    ├── 405                 MethodNotAllowed
    ├── Conflict 409        IdempotentCallInFlight, AnswerForgotten, and each room's own refusals
    ├── 412                 StaleVersion
    ├── 413                 BodyTooLarge
    ├── Unprocessable 422   InvalidInput, CursorInvalid, IdempotencyKeyReused, …
    ├── 428                 PreconditionMissing
    ├── 429                 QuotaExceeded
    ├── 500                 Unexpected
    └── 503                 Interrupted, ProviderUnreachable

A problem is a class: its name is its code, its docstring is what the caller
reads, its status stands beside it. The registry is the class tree itself.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with the input: where (JSON Pointer), which kind, and what to do."""

    pointer: str
    code: str
    detail: str


class Problem(Exception):  # noqa: N818 - the standard's word for it is problem
    """Something went wrong."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    title: ClassVar[str] = ""

    def __init__(
        self,
        detail: str | None = None,
        *,
        faults: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **extensions: Any,  # noqa: ANN401 - RFC 9457 lets a problem carry members of any type
    ) -> None:
        """Say what happened here; without a detail the class's own sentence is used."""
        super().__init__(detail or self.default_detail())
        self.detail = detail or self.default_detail()
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.extensions = extensions

    @classmethod
    def code(cls) -> str:
        """Return the stable code that names this problem, from the class name."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def default_detail(cls) -> str:
        """Return the docstring as one line of text: the general explanation."""
        return " ".join((cls.__doc__ or "").split())


class UndecodableBody(Problem):
    """The body is not valid JSON in UTF-8.

    Send a JSON object with `Content-Type: application/json`.
    """

    status = HTTPStatus.BAD_REQUEST
    title = "The body could not be read"


class RequestUnreadable(Problem):
    """This could not be read as HTTP, and nothing was done for it.

    Its first line, a header or its length is not as RFC 9112 has it, or is longer than is read.
    Methods are written in capitals; `Host` comes once; all of it takes 64 KiB at most.
    """

    status = HTTPStatus.BAD_REQUEST
    title = "Not readable as HTTP"


class KeyMissing(Problem):
    """This call needs an API key, or an access token where this server takes them.

    Send it as `Authorization: Bearer dbk_…`; `make run` prints one to try things with, and
    `debrief keys create --role candidate --name you` makes one, where the server runs.
    """

    status = HTTPStatus.UNAUTHORIZED
    title = "No API key"


class KeyInvalid(Problem):
    """This API key is mistyped, expired, revoked or not of this server.

    Another key of yours, or an administrator's, makes a new one (`POST /v1/keys`); so does
    `debrief keys create --role candidate --name you`, where the server runs, for somebody new.
    """

    status = HTTPStatus.UNAUTHORIZED
    title = "The API key does not work"


class TokenInvalid(Problem):
    """This access token opens nothing here, for the `reason` that is named.

    Get a new one from your provider, made for this service.
    """

    status = HTTPStatus.UNAUTHORIZED
    title = "The access token does not work"


class ScopeMissing(Problem):
    """This key may not do that. Use one that has the scope named in `needs`.

    Where no key of your `role` can have it, the detail says whose keys can.
    """

    status = HTTPStatus.FORBIDDEN
    title = "Not allowed with this key"


class RoleMissing(Problem):
    """Your provider knows you, and your access token has to name one role here, and names none.

    The roles are candidate, recruiter and admin. Whoever looks after your provider gives them.
    """

    status = HTTPStatus.FORBIDDEN
    title = "No role here"


class WorkspaceUnknown(Problem):
    """Your access token leads to no workspace of this server.

    Whoever looks after your provider says which one is yours.
    """

    status = HTTPStatus.FORBIDDEN
    title = "No workspace here"


class OriginRefused(Problem):
    """This server does not let pages of that origin make this call.

    Its operator names the origins it lets in: `DEBRIEF_CORS_ORIGINS`.
    """

    status = HTTPStatus.FORBIDDEN
    title = "Not allowed from that page"


class NotFound(Problem):
    """There is nothing under this id, or nothing that this key may see."""

    status = HTTPStatus.NOT_FOUND
    title = "Not found"


class PathUnknown(Problem):
    """There is no such path. The paths are listed on the docs page, `/docs`."""

    status = HTTPStatus.NOT_FOUND
    title = "No such path"


class MethodNotAllowed(Problem):
    """This path does not take that method. The `Allow` header lists those it takes."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    title = "Method not allowed"


class Conflict(Problem):
    """Somebody else changed this at the same moment, and again on every retry.

    Read it anew and repeat.
    """

    status = HTTPStatus.CONFLICT
    title = "Changed by somebody else"


class MoveNotAllowed(Problem):
    """What was asked does not fit the state this is in. `legal_moves` lists what does."""

    status = HTTPStatus.CONFLICT
    title = "Not possible in this state"


class StaleVersion(Problem):
    """This is not as you said: it was changed since you read it, or it is there already.

    Read it anew and repeat with its current `ETag`, quotes included, as `If-Match`.
    """

    status = HTTPStatus.PRECONDITION_FAILED
    title = "Changed since you read it"


class PreconditionMissing(Problem):
    """This call changes or removes something: say which version of it you have seen.

    Send the `ETag` you read as `If-Match`, or `If-Match: *` for whatever is there now. Only
    where a GET answers 404, send `If-None-Match: *`; what it shows empty is there.
    """

    status = HTTPStatus.PRECONDITION_REQUIRED
    title = "If-Match is missing"


class IdempotentCallInFlight(Problem):
    """A call with this `Idempotency-Key` is being carried out at this moment.

    Wait as long as `Retry-After` says and repeat it: you will get its answer.
    """

    status = HTTPStatus.CONFLICT
    title = "The same call is under way"


class IdempotencyKeyReused(Problem):
    """This `Idempotency-Key` was used for another call in the last 72 hours.

    Repeat that call exactly as it was, or use a new key for this one.
    """

    status = HTTPStatus(422)
    title = "The Idempotency-Key belongs to another call"


class AnswerForgotten(Problem):
    """This call was carried out before, and its answer was forgotten since.

    It may have told of somebody whose data was erased. Read anew what you need.
    """

    status = HTTPStatus.CONFLICT
    title = "Carried out before, and the answer is gone"


class BodyTooLarge(Problem):
    """The body is larger than this server reads. Send less at once."""

    status = HTTPStatus(413)  # Python renamed its constant for it between 3.11 and 3.13
    title = "The body is too large"


class InvalidInput(Problem):
    """Something in the request is not as the contract says.

    `errors` names each place and what to do there.
    """

    status = HTTPStatus(422)
    title = "The request is not valid"


class CursorInvalid(Problem):
    """This cursor was altered, or belongs to another list, filter or sort.

    Start again without `cursor`.
    """

    status = HTTPStatus(422)
    title = "The page cursor is not valid"


class QuotaExceeded(Problem):
    """That was more calls than the quota allows for now.

    Wait as many seconds as `Retry-After` says. `RateLimit` on every answer tells how many are left.
    """

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many calls"


class Unexpected(Problem):
    """Something went wrong on our side and nothing was changed.

    Repeat the call; if it stays, report the request id.
    """

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    title = "Unexpected failure"


class Interrupted(Problem):
    """The service had to stop before this call had ended; whether it was carried out is not known.

    Repeat it, with the same `Idempotency-Key` if it had one.
    """

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Stopped in the middle"


class ProviderUnreachable(Problem):
    """Your access token cannot be checked: the provider it comes from does not answer just now.

    Repeat the call as it is after as many seconds as `Retry-After` says. API keys work meanwhile.
    """

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The provider does not answer"


def registry() -> dict[str, type[Problem]]:
    """Return every problem the service can answer, by code, in alphabetical order."""
    return dict(sorted((problem.code(), problem) for problem in _descendants(Problem)))


def _descendants(root: type[Problem]) -> Iterator[type[Problem]]:
    for child in root.__subclasses__():
        yield child
        yield from _descendants(child)
