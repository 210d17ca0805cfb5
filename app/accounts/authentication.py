"""Authentication: from the bearer credential of a request to the caller."""

import logging
import time
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError
from starlette.datastructures import Headers
from starlette.types import Scope as Asgi

from app.accounts.keys import digest_of, is_key, is_well_formed
from app.accounts.oidc import AuthenticatedCaller, OidcAuthenticator
from app.accounts.service import authenticate_key, touch_last_used
from app.core.http.app_state import StateKey
from app.core.persistence.tenancy import Caller, system_caller
from app.core.problems import (
    KeyInvalid,
    Problem,
)
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS
from app.core.unit_of_work.runner import UnitOfWorkRunner

_log = logging.getLogger("debrief")

_CACHED_KEYS = 10_000


@dataclass(slots=True)
class Authenticator:
    """Finds out who holds a key or an access token, and remembers it for a few seconds.

    A token is remembered by its digest too; neither is remembered beyond its end.
    """

    runner: UnitOfWorkRunner
    trust_seconds: float
    sign_in: OidcAuthenticator | None = None
    _known: dict[bytes, tuple[float, Caller]] = field(default_factory=dict)
    _endings: int = 0

    async def authenticate(self, credential: str) -> Caller:
        """Return the caller; raise KeyInvalid when the key opens nothing, or as `SignIn` does."""
        digest = digest_of(credential)
        found = self._known.get(digest)
        if found is None or time.monotonic() >= found[0]:
            return await self._look_up(credential, digest)
        return found[1]

    async def authenticate_optional(self, scope: Asgi) -> Caller | None:
        """Find out who is calling; None for a stranger.

        Why somebody is one, the operation says, which looks anew: until it has read the body,
        a key may have ended. A path that needs no key does not mind.
        """
        credential = bearer_token(Headers(scope=scope).get("authorization", ""))
        try:
            return None if credential is None else await self.authenticate(credential)
        except Exception:  # noqa: BLE001 - whatever is amiss, the operation meets it too
            return None

    def invalidate(self) -> None:
        """Look every one up anew: one of them has just ended."""
        self._known.clear()
        self._endings += 1

    async def _look_up(self, credential: str, digest: bytes) -> Caller:
        self._known.pop(digest, None)
        before = self._endings
        if self.sign_in is None or is_key(credential):
            found = await self._holder_of_key(credential, digest)
        else:
            found = await self.sign_in.caller(credential)
        if len(self._known) >= _CACHED_KEYS:
            self._known.clear()
        if self._endings == before:  # else it may have been read before it ended
            trusted = min(self.trust_seconds, found.seconds)
            self._known[digest] = (time.monotonic() + trusted, found.caller)
        return found.caller

    async def _holder_of_key(self, key: str, digest: bytes) -> AuthenticatedCaller:
        if not is_well_formed(key):
            raise KeyInvalid
        now = self.runner.clock()
        found = await self.runner.read(lambda connection: authenticate_key(connection, digest, now))
        if found.is_stale:
            await self._mark_used(found.caller)
        return AuthenticatedCaller(found.caller, found.seconds)

    async def _mark_used(self, caller: Caller) -> None:
        if caller.key_id is None:
            return
        service = system_caller(caller.workspace_id)
        try:
            await self.runner.write(
                self.runner.bind_write(service, NO_PRECONDITIONS, touch_last_used, caller.key_id)
            )
        except (DBAPIError, Problem):
            # When a key was last used is good to know, and no reason to turn its holder away.
            _log.warning("could not write down that key %s is used", caller.key_id)


AUTHENTICATOR: StateKey[Authenticator] = StateKey("authenticator")


def bearer_token(authorization: str) -> str | None:
    """Return the token of an `Authorization: Bearer` header, or None."""
    scheme, _, key = authorization.partition(" ")
    return key.strip() if scheme.lower() == "bearer" and key.strip() else None
