"""Problems: error responses (status 400 and above) as RFC 9457 problem details.

    Problem
    ├── BadRequest 400      MalformedBody, MalformedRequest
    ├── Unauthorized 401    KeyMissing, KeyInvalid, InvalidToken
    ├── Forbidden 403       InsufficientScope, RoleMissing, WorkspaceUnknown, OriginRefused
    ├── NotFound 404        RouteNotFound, and one per resource in its own package
    ├── 405                 MethodNotAllowed
    ├── Conflict 409        IdempotentCallInFlight, IdempotentResponseGone, those of each package
    ├── 412                 PreconditionFailed
    ├── 413                 BodyTooLarge
    ├── Unprocessable 422   InvalidInput, CursorInvalid, IdempotencyKeyReused, …
    ├── 428                 PreconditionRequired
    ├── 429                 RateLimitExceeded
    ├── 500                 InternalError
    └── 503                 ShuttingDown, ProviderUnreachable

A problem is a class: the code is its name in snake case, the default detail is its docstring, and
the status is a class attribute. The registry is the tree of subclasses.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid field: its JSON Pointer, the code of the error, and how to fix it."""

    pointer: str
    code: str
    detail: str


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """An error response; subclasses are the kinds of errors."""

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
        """Describe this occurrence; the default detail is the docstring of the class."""
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
        """Return the docstring as one line of text."""
        return " ".join((cls.__doc__ or "").split())


class MalformedBody(Problem):
    """The body is not valid JSON in UTF-8.

    Send a JSON object with `Content-Type: application/json`.
    """

    status = HTTPStatus.BAD_REQUEST
    title = "Malformed request body"


class MalformedRequest(Problem):
    """The request is not valid HTTP, and nothing was executed.

    The request line, a header or the length violates RFC 9112 or is too long. Methods are upper
    case, `Host` is sent exactly once, and the request head is at most 64 KiB.
    """

    status = HTTPStatus.BAD_REQUEST
    title = "Malformed HTTP request"


class KeyMissing(Problem):
    """This operation requires an API key, or an access token if this server accepts them.

    Send it as `Authorization: Bearer dbk_…`. `make run` prints a key for sample data. On the
    server, `debrief keys create --role candidate --name you` creates one.
    """

    status = HTTPStatus.UNAUTHORIZED
    title = "API key missing"


class KeyInvalid(Problem):
    """This API key is malformed, expired, revoked or unknown to this server.

    Create a new one with another key of yours or an administrator's (`POST /v1/keys`). For a new
    member, run `debrief keys create --role candidate --name you` on the server.
    """

    status = HTTPStatus.UNAUTHORIZED
    title = "Invalid API key"


class InvalidToken(Problem):
    """This access token is not accepted; `reason` says why.

    Get a new one from your provider, issued for this service.
    """

    status = HTTPStatus.UNAUTHORIZED
    title = "Invalid access token"


class InsufficientScope(Problem):
    """This key does not have a required scope. Use a key that has the scopes in `required_scopes`.

    If no key of your `role` can have them, the detail names the roles that can.
    """

    status = HTTPStatus.FORBIDDEN
    title = "Insufficient scope"


class RoleMissing(Problem):
    """The access token has no role for this service. It must have exactly one.

    The roles are candidate, recruiter and admin. The administrator of your provider assigns them.
    """

    status = HTTPStatus.FORBIDDEN
    title = "Role missing"


class WorkspaceUnknown(Problem):
    """The access token belongs to no workspace of this server.

    The administrator of your provider assigns the workspace.
    """

    status = HTTPStatus.FORBIDDEN
    title = "Unknown workspace"


class OriginRefused(Problem):
    """This server does not allow this request from pages of that origin (CORS).

    Its operator lists the allowed origins in `DEBRIEF_CORS_ORIGINS`.
    """

    status = HTTPStatus.FORBIDDEN
    title = "Origin not allowed"


class NotFound(Problem):
    """No resource has this id, or this key may not see it."""

    status = HTTPStatus.NOT_FOUND
    title = "Not found"


class RouteNotFound(Problem):
    """This path does not exist. The docs page, `/docs`, lists all paths."""

    status = HTTPStatus.NOT_FOUND
    title = "Unknown path"


class MethodNotAllowed(Problem):
    """This path does not support this method. The `Allow` header lists those it supports."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    title = "Method not allowed"


class Conflict(Problem):
    """Another request changed this resource at the same time, in every attempt.

    Fetch it and repeat the request.
    """

    status = HTTPStatus.CONFLICT
    title = "Concurrent update"


class InvalidTransition(Problem):
    """The state of the resource does not allow this. `allowed_transitions` lists what it allows."""

    status = HTTPStatus.CONFLICT
    title = "Not allowed in this state"


class PreconditionFailed(Problem):
    """The resource changed since you read it, or it already exists.

    Fetch it and retry with its current `ETag`, quotes included, in `If-Match`.
    """

    status = HTTPStatus.PRECONDITION_FAILED
    title = "Precondition failed"


class PreconditionRequired(Problem):
    """This operation changes or deletes a resource and requires the version you have seen.

    Send the `ETag` you read as `If-Match`, or `If-Match: *` for any version. Send
    `If-None-Match: *` only if a GET answers 404; a resource that a GET shows as empty exists.
    """

    status = HTTPStatus.PRECONDITION_REQUIRED
    title = "Precondition required"


class IdempotentCallInFlight(Problem):
    """Another request with this `Idempotency-Key` is in progress.

    Repeat it after the number of seconds in `Retry-After` to get the response.
    """

    status = HTTPStatus.CONFLICT
    title = "Request in progress"


class IdempotencyKeyReused(Problem):
    """This `Idempotency-Key` was used for a different request in the last 72 hours.

    Repeat that request exactly, or use a new key for this one.
    """

    status = HTTPStatus(422)
    title = "Idempotency key reused"


class IdempotentResponseGone(Problem):
    """This request was executed before, and its stored response was deleted since.

    It may have contained data of a member who was erased. Fetch what you need.
    """

    status = HTTPStatus.CONFLICT
    title = "Stored response deleted"


class BodyTooLarge(Problem):
    """The request body is larger than this server accepts. Send less at once."""

    status = HTTPStatus(413)  # Python renamed its constant for it between 3.11 and 3.13
    title = "Request body too large"


class InvalidInput(Problem):
    """Request validation failed. `errors` lists each invalid field and how to fix it."""

    status = HTTPStatus(422)
    title = "Invalid request"


class CursorInvalid(Problem):
    """This cursor was altered, or belongs to another list, filter or sort order.

    Start again without `cursor`.
    """

    status = HTTPStatus(422)
    title = "Invalid pagination cursor"


class RateLimitExceeded(Problem):
    """You have sent more requests than the rate limit allows.

    Wait the number of seconds in `Retry-After`. The `RateLimit` header of every response says how
    many requests remain.
    """

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Rate limit exceeded"


class InternalError(Problem):
    """An unexpected error occurred, and nothing was changed.

    Repeat the request. If it fails again, report the request id.
    """

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    title = "Internal server error"


class ShuttingDown(Problem):
    """The server shut down during the request. It is not known whether it was executed.

    Repeat it, with the same `Idempotency-Key` if it had one.
    """

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Server shut down during the request"


class ProviderUnreachable(Problem):
    """The access token cannot be verified: its OpenID Connect provider does not respond.

    Repeat the request after the number of seconds in `Retry-After`. API keys still work.
    """

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Identity provider unreachable"


def registry() -> dict[str, type[Problem]]:
    """Return every problem of the service by its code, in alphabetical order."""
    return dict(sorted((problem.code(), problem) for problem in _descendants(Problem)))


def _descendants(root: type[Problem]) -> Iterator[type[Problem]]:
    for child in root.__subclasses__():
        yield child
        yield from _descendants(child)
