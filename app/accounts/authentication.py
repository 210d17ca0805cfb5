"""Authentication: from the bearer credential of a request to the caller."""

import logging
import time
from collections.abc import Callable
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

_MAX_CACHED = 10_000


@dataclass(slots=True)
class Authenticator:
    """Authenticates API keys and access tokens, and caches their callers for a few seconds.

    The cache key is the digest of the credential; no entry outlives its credential. `timer` returns
    seconds that only grow.
    """

    runner: UnitOfWorkRunner
    cache_seconds: float
    oidc: OidcAuthenticator | None = None
    timer: Callable[[], float] = time.monotonic
    _cache: dict[bytes, tuple[float, Caller]] = field(default_factory=dict)
    _invalidations: int = 0

    async def authenticate(self, credential: str) -> Caller:
        """Return the caller.

        Raises KeyInvalid for an API key that is not valid, and for an access token what
        `OidcAuthenticator.caller` raises.
        """
        digest = digest_of(credential)
        cached = self._cache.get(digest)
        if cached is None or self.timer() >= cached[0]:
            return await self._look_up(credential, digest)
        return cached[1]

    async def authenticate_optional(self, scope: Asgi) -> Caller | None:
        """Return the caller, or None without a valid credential.

        The operation authenticates again and raises the problem, because a key may expire while
        the body is read. A path that requires no key ignores an invalid one.
        """
        credential = bearer_token(Headers(scope=scope).get("authorization", ""))
        try:
            return None if credential is None else await self.authenticate(credential)
        except Exception:  # noqa: BLE001 - the operation raises the same error
            return None

    def invalidate(self) -> None:
        """Clear the cache, because a key was revoked or rotated."""
        self._cache.clear()
        self._invalidations += 1

    async def _look_up(self, credential: str, digest: bytes) -> Caller:
        self._cache.pop(digest, None)
        invalidations = self._invalidations
        if self.oidc is None or is_key(credential):
            authenticated = await self._authenticate_key(credential, digest)
        else:
            authenticated = await self.oidc.caller(credential)
        if len(self._cache) >= _MAX_CACHED:
            self._cache.clear()
        if self._invalidations == invalidations:  # else it may have been read before a revocation
            seconds = min(self.cache_seconds, authenticated.seconds)
            self._cache[digest] = (self.timer() + seconds, authenticated.caller)
        return authenticated.caller

    async def _authenticate_key(self, key: str, digest: bytes) -> AuthenticatedCaller:
        if not is_well_formed(key):
            raise KeyInvalid
        now = self.runner.clock()
        authenticated = await self.runner.read(
            lambda connection: authenticate_key(connection, digest, now)
        )
        if authenticated.is_stale:
            await self._store_last_used(authenticated.caller)
        return AuthenticatedCaller(authenticated.caller, authenticated.seconds)

    async def _store_last_used(self, caller: Caller) -> None:
        if caller.key_id is None:
            return
        system = system_caller(caller.workspace_id)
        try:
            await self.runner.write(
                self.runner.bind_write(system, NO_PRECONDITIONS, touch_last_used, caller.key_id)
            )
        except (DBAPIError, Problem):
            # Not important enough to reject the request.
            _log.warning("the last use of key %s could not be stored", caller.key_id)


AUTHENTICATOR: StateKey[Authenticator] = StateKey("authenticator")


def bearer_token(authorization: str) -> str | None:
    """Return the token of an `Authorization: Bearer` header, or None."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
