"""Request context: the caller of a request, and their way to the unit of work.

The security dependency authenticates the caller, checks the scopes of the operation and the
headers of the request. The endpoint hands a service function to the context, which runs it as one
unit of work and turns its result into the response.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Concatenate, ParamSpec

from fastapi import Request, Response, Security
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase
from pydantic import BaseModel

from app.accounts.authentication import AUTHENTICATOR, bearer_token
from app.accounts.scopes import SCOPES, Scope
from app.core.http.app_state import StateKey
from app.core.http.idempotency import (
    HEADER,
    RETRY_AFTER,
    IdempotentRequest,
    idempotent,
    idempotent_request,
)
from app.core.http.precondition_headers import parse_preconditions
from app.core.http.responses import Content, json_response, not_modified, svg_response
from app.core.http.routing import is_exempt_from_idempotency
from app.core.persistence.tenancy import Caller, Role
from app.core.problems import (
    IdempotentCallInFlight,
    InsufficientScope,
    KeyInvalid,
    KeyMissing,
    PreconditionRequired,
)
from app.core.unit_of_work.preconditions import Preconditions
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import ReadSession, WriteSession

P = ParamSpec("P")

RUNNER: StateKey[UnitOfWorkRunner] = StateKey("runner")
IN_FLIGHT_KEYS: StateKey[set[bytes]] = StateKey("in_flight_keys")
"""Digests of the idempotency keys whose requests this process is executing."""

_CONDITIONAL_METHODS = frozenset({"PUT", "PATCH", "DELETE"})  # they have to name a version
_IDEMPOTENT_BY_KEY = frozenset({"POST", "PATCH"})  # the others have the same effect when repeated


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Runs the service functions of an endpoint for the caller of one request."""

    caller: Caller
    runner: UnitOfWorkRunner
    preconditions: Preconditions
    idempotent_request: IdempotentRequest | None
    in_flight_keys: set[bytes]
    reauthenticate: Callable[[], Awaitable[Caller]]
    """Authenticates again during a long response; raises KeyInvalid once the key is invalid."""

    async def read(
        self,
        service: Callable[Concatenate[ReadSession, P], Content],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Run a service function that reads, and respond with what it returns."""

        def respond(session: ReadSession) -> Response:
            content = service(session, *args, **kwargs)
            return self._unless_not_modified(json_response(content, self.caller.role))

        return await self.runner.read(self.runner.bind_read(self.caller, respond))

    async def read_svg(
        self,
        service: Callable[Concatenate[ReadSession, P], str],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Run a service function that returns an SVG image, and respond with it."""

        def respond(session: ReadSession) -> Response:
            return self._unless_not_modified(svg_response(service(session, *args, **kwargs)))

        return await self.runner.read(self.runner.bind_read(self.caller, respond))

    def respond(self, content: BaseModel) -> Response:
        """Respond with content that is the same for everybody and needs no database."""
        return self._unless_not_modified(json_response(content, Role.SERVICE))

    async def write(
        self,
        service: Callable[Concatenate[WriteSession, P], Content],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Run a service function that writes; respond after the commit."""

        def respond(session: WriteSession) -> Response:
            return json_response(service(session, *args, **kwargs), self.caller.role)

        return await self._write(respond)

    async def create(
        self,
        location: str,
        service: Callable[Concatenate[WriteSession, P], Content],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Run a service function that creates a resource, whose path is `location`."""

        def respond(session: WriteSession) -> Response:
            content = service(session, *args, **kwargs)
            return json_response(content, self.caller.role, location=location)

        return await self._write(respond)

    def _unless_not_modified(self, current: Response) -> Response:
        is_current = self.preconditions.is_not_modified(current.headers["ETag"])
        return not_modified(current) if is_current else current

    async def _write(self, respond: Callable[[WriteSession], Response]) -> Response:
        if self.idempotent_request is None:
            return await self.runner.write(
                self.runner.bind_write(self.caller, self.preconditions, respond)
            )
        with self._only_one_in_flight(self.idempotent_request.key_digest):
            execute_once = idempotent(self.idempotent_request, respond)
            unit = self.runner.bind_write(self.caller, self.preconditions, execute_once)
            return await self.runner.write(unit)

    @contextmanager
    def _only_one_in_flight(self, key_digest: bytes) -> Iterator[None]:
        """Raise IdempotentCallInFlight for a second request with the same key in this process."""
        if key_digest in self.in_flight_keys:
            raise IdempotentCallInFlight(headers=RETRY_AFTER)
        self.in_flight_keys.add(key_digest)
        try:
            yield
        finally:
            self.in_flight_keys.discard(key_digest)


class BearerAuth(SecurityBase):
    """The security scheme: a bearer token (API key or access token) with scopes."""

    def __init__(self) -> None:
        self.scheme_name = "bearerAuth"
        self.model = HTTPBearerModel(
            description="An API key, `dbk_…`. `make run` prints one for sample data; "
            "`debrief keys create --role candidate --name you` creates one of your own. Where the "
            "server is configured for an OpenID Connect provider, an access token of that provider "
            "is accepted too (RFC 9068)."
        )

    async def __call__(self, request: Request, security_scopes: SecurityScopes) -> RequestContext:
        """Authenticate the caller, check the scopes, and parse the headers of the request."""
        authenticator = AUTHENTICATOR.of(request.scope)
        credential = bearer_token(request.headers.get("authorization", ""))
        challenge = {"WWW-Authenticate": 'Bearer realm="debrief"'}
        if credential is None:
            raise KeyMissing(headers=challenge)
        try:
            caller = await authenticator.authenticate(credential)
        except KeyInvalid as problem:
            problem.headers.update(challenge)
            raise
        _require_scopes(security_scopes.scopes, caller)
        preconditions = parse_preconditions(request.headers)
        if request.method in _CONDITIONAL_METHODS and not preconditions.is_conditional:
            raise PreconditionRequired
        return RequestContext(
            caller,
            RUNNER.of(request.scope),
            preconditions,
            await _idempotent_request(request, caller),
            IN_FLIGHT_KEYS.of(request.scope),
            partial(authenticator.authenticate, credential),
        )


bearer_auth = BearerAuth()


def require_scopes(*scopes: Scope) -> Any:  # noqa: ANN401 - FastAPI types dependencies `Any`
    """Return the dependency that requires these scopes and gives the request context."""
    return Security(bearer_auth, scopes=[scope.value for scope in scopes])


def _require_scopes(required: list[str], caller: Caller) -> None:
    missing = [scope for scope in required if scope not in caller.scopes]
    if missing:
        detail = _roles_with(missing, caller.role)
        raise InsufficientScope(detail, required_scopes=missing, role=caller.role.value)


def _roles_with(scopes: list[str], role: Role) -> str | None:
    """Return a text with the roles that can have these scopes; None if the caller's role can."""
    if SCOPES[role].issuperset(scopes):
        return None
    roles = " or ".join(other.value for other, can in SCOPES.items() if can.issuperset(scopes))
    return f"No key of the role {role.value} can have this scope. It requires the role {roles}."


async def _idempotent_request(request: Request, caller: Caller) -> IdempotentRequest | None:
    key = request.headers.get(HEADER)
    route = request.scope["route"]
    if key is None or request.method not in _IDEMPOTENT_BY_KEY or is_exempt_from_idempotency(route):
        return None
    target = f"{request.url.path}?{request.url.query}"
    # FastAPI has read the body already; the request returns its copy.
    return idempotent_request(key, caller, request.method, target, await request.body())
