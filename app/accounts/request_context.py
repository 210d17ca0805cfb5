"""The door: who is calling, may they, and then one hop to the unit of work.

`Access` is what an endpoint gets. It knows the caller and carries the endpoint's
one line, a service function, to the unit of work and the answer back.
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
from app.core.http.preconditions import parse_preconditions
from app.core.http.representations import Versioned
from app.core.http.responses import json_response, not_modified, svg_response
from app.core.http.routing import is_exempt_from_idempotency
from app.core.persistence.tenancy import Caller, Role
from app.core.problems import (
    IdempotentCallInFlight,
    KeyInvalid,
    KeyMissing,
    PreconditionMissing,
    ScopeMissing,
)
from app.core.unit_of_work.preconditions import Preconditions
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import ReadSession, WriteSession

P = ParamSpec("P")
Content = BaseModel | Versioned[Any] | None

RUNNER: StateKey[UnitOfWorkRunner] = StateKey("runner")
IN_FLIGHT_KEYS: StateKey[set[bytes]] = StateKey("in_flight_keys")
"""Digests of the idempotency keys whose requests this process is executing."""

_CHANGES = frozenset({"PUT", "PATCH", "DELETE"})  # each of one thing: it must be said which version
_REPEATABLE = frozenset({"POST", "PATCH"})  # the others have the same effect when repeated


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One caller's way to the records, for the length of one request."""

    caller: Caller
    work: UnitOfWorkRunner
    conditions: Preconditions
    attempt: IdempotentRequest | None
    in_flight_keys: set[bytes]
    reauthenticate: Callable[[], Awaitable[Caller]]
    """Looks the key up anew, for an answer that takes long; raises KeyInvalid once it has ended."""

    async def read(
        self,
        service: Callable[Concatenate[ReadSession, P], Content],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Run a service function that only reads, and answer with what it returns."""

        def answer(work: ReadSession) -> Response:
            return self._unless_known(
                json_response(service(work, *args, **kwargs), self.caller.role)
            )

        return await self.work.read(self.work.bind_read(self.caller, answer))

    async def read_svg(
        self,
        service: Callable[Concatenate[ReadSession, P], str],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Run a service function that draws, and answer with the picture (SVG)."""

        def answer(work: ReadSession) -> Response:
            return self._unless_known(svg_response(service(work, *args, **kwargs)))

        return await self.work.read(self.work.bind_read(self.caller, answer))

    def respond(self, content: BaseModel) -> Response:
        """Answer with what is the same for everybody and needs no records."""
        return self._unless_known(json_response(content, Role.SERVICE))

    async def write(
        self,
        service: Callable[Concatenate[WriteSession, P], Content],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Run a service function that changes something; answer once it is committed."""

        def answer(work: WriteSession) -> Response:
            return json_response(service(work, *args, **kwargs), self.caller.role)

        return await self._change(answer)

    async def create(
        self,
        path: str,
        service: Callable[Concatenate[WriteSession, P], Content],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Run a service function that makes something new, which is then found under `path`."""

        def answer(work: WriteSession) -> Response:
            return json_response(service(work, *args, **kwargs), self.caller.role, made_at=path)

        return await self._change(answer)

    def _unless_known(self, current: Response) -> Response:
        return (
            not_modified(current)
            if self.conditions.is_not_modified(current.headers["ETag"])
            else current
        )

    async def _change(self, answer: Callable[[WriteSession], Response]) -> Response:
        if self.attempt is None:
            return await self.work.write(self.work.bind_write(self.caller, self.conditions, answer))
        with self._alone(self.attempt.key_digest):
            unit = self.work.bind_write(
                self.caller, self.conditions, idempotent(self.attempt, answer)
            )
            return await self.work.write(unit)

    @contextmanager
    def _alone(self, key_digest: bytes) -> Iterator[None]:
        """Keep this process from carrying out the same call twice at the same time."""
        if key_digest in self.in_flight_keys:
            raise IdempotentCallInFlight(headers=RETRY_AFTER)
        self.in_flight_keys.add(key_digest)
        try:
            yield
        finally:
            self.in_flight_keys.discard(key_digest)


class ApiKey(SecurityBase):
    """The security scheme: an API key as bearer token, with the scopes an operation needs.

    An access token does as well, which the document says for all operations at once.
    """

    def __init__(self) -> None:
        self.scheme_name = "ApiKey"
        self.model = HTTPBearerModel(
            description="An API key, `dbk_…`. `make run` prints one to try things with; "
            "`debrief keys create --role candidate --name you` makes one of your own."
        )

    async def __call__(self, request: Request, security_scopes: SecurityScopes) -> RequestContext:
        """Identify the caller and check the scopes of the operation."""
        authenticator = AUTHENTICATOR.of(request.scope)
        key = bearer_token(request.headers.get("authorization", ""))
        challenge = {"WWW-Authenticate": 'Bearer realm="debrief"'}
        if key is None:
            raise KeyMissing(headers=challenge)
        try:
            caller = await authenticator.authenticate(key)
        except KeyInvalid as problem:
            problem.headers.update(challenge)
            raise
        lacking = [scope for scope in security_scopes.scopes if scope not in caller.scopes]
        if lacking:
            raise ScopeMissing(
                _for_another_role(lacking, caller.role), needs=lacking, role=caller.role.value
            )
        asked = parse_preconditions(request.headers)
        if request.method in _CHANGES and not asked.is_conditional:
            raise PreconditionMissing
        return RequestContext(
            caller,
            RUNNER.of(request.scope),
            asked,
            await _attempt(request, caller),
            IN_FLIGHT_KEYS.of(request.scope),
            partial(authenticator.authenticate, key),
        )


api_key = ApiKey()


def _for_another_role(scopes: list[str], role: Role) -> str | None:
    """Say whose keys may do what no key of this role may; None where one of this role may."""
    if SCOPES[role].issuperset(scopes):
        return None
    able = " or ".join(each.value for each, may in SCOPES.items() if may.issuperset(scopes))
    return f"No key of the role {role.value} may do that. It is for the role {able}."


async def _attempt(request: Request, caller: Caller) -> IdempotentRequest | None:
    key = request.headers.get(HEADER)
    route = request.scope["route"]
    if key is None or request.method not in _REPEATABLE or is_exempt_from_idempotency(route):
        return None
    target = f"{request.url.path}?{request.url.query}"
    # FastAPI has read the body already; this is the copy it kept.
    return idempotent_request(key, caller, request.method, target, await request.body())


def require_scopes(*scopes: Scope) -> Any:  # noqa: ANN401 - what FastAPI takes as a dependency has no narrower type
    """Declare the scopes an operation needs; gives its endpoint the caller's access."""
    return Security(api_key, scopes=[scope.value for scope in scopes])
