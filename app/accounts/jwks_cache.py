"""JWKS cache: the signing keys of the OpenID Connect provider.

The keys are fetched for the first token, and again when they are stale or a token names an unknown
key. Clients can cause the latter, so it happens at most once in a few seconds. While the provider
is down, the keys it published last are used for up to a day.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from app.accounts.jwks_client import Jwk, ProviderError
from app.core.problems import ProviderUnreachable
from app.kit.clock import Clock

REFETCH_INTERVAL = timedelta(seconds=5)
"""The minimum time between two fetches for unknown keys, and after a failed fetch."""

MAX_AGE_OFFLINE = timedelta(days=1)
"""How long keys are used while the provider is unreachable."""

_PRIVATE_MEMBERS = {"d", "k"}  # a key that is published with one of them is compromised

_log = logging.getLogger("debrief")


class JwksCache:
    """Returns keys by their id, and fetches the key set when needed."""

    def __init__(
        self, fetch: Callable[[], Awaitable[list[Jwk]]], clock: Clock, max_age: timedelta
    ) -> None:
        self.fetch = fetch
        self.clock = clock
        self.max_age = max_age
        self._published: dict[str, Jwk] = {}
        self._parsed: dict[tuple[str, str], PyJWK | None] = {}
        self._fetched_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._refetched_at: datetime | None = None
        self._fetch_task: asyncio.Task[None] | None = None

    async def find(self, key_id: str, algorithm: str) -> PyJWK | None:
        """Return the key with this id (`kid`) for this algorithm, or None when there is none.

        Raises ProviderUnreachable when the keys are unknown because they cannot be fetched.
        """
        await self._refresh()
        if key_id not in self._published:
            await self._refetch()
        is_known = key_id in self._published
        if not self._younger_than(MAX_AGE_OFFLINE) or (self._failed_at and not is_known):
            raise ProviderUnreachable(headers={"Retry-After": str(REFETCH_INTERVAL.seconds)})
        return self._key(key_id, algorithm) if is_known else None

    async def _refresh(self) -> None:
        if self._younger_than(self.max_age) or not self._may_fetch_after(self._failed_at):
            return
        fetching = self._fetch_once()
        # After a failure, a request with usable keys does not wait for the next attempt.
        if not (self._failed_at and self._younger_than(MAX_AGE_OFFLINE)):
            await asyncio.shield(fetching)

    async def _refetch(self) -> None:
        if self._fetch_task is None:
            if not (
                self._may_fetch_after(self._refetched_at) and self._may_fetch_after(self._failed_at)
            ):
                return
            self._refetched_at = self.clock()
        # Shielded, because other requests wait for it too when this one is cancelled.
        await asyncio.shield(self._fetch_once())

    def _fetch_once(self) -> asyncio.Task[None]:
        if self._fetch_task is None:
            self._fetch_task = asyncio.create_task(self._fetch())
        return self._fetch_task

    async def _fetch(self) -> None:
        try:
            keys = await self.fetch()
        except ProviderError as error:
            self._failed_at = self.clock()
            _log.warning("the keys of the OpenID Connect provider could not be fetched: %s", error)
        else:
            self._published = {key["kid"]: key for key in keys if _is_usable(key)}
            self._parsed.clear()
            self._fetched_at, self._failed_at = self.clock(), None
        finally:
            self._fetch_task = None

    def _younger_than(self, age: timedelta) -> bool:
        return self._fetched_at is not None and self.clock() - self._fetched_at < age

    def _may_fetch_after(self, last_fetch: datetime | None) -> bool:
        return last_fetch is None or self.clock() - last_fetch >= REFETCH_INTERVAL

    def _key(self, key_id: str, algorithm: str) -> PyJWK | None:
        pair = (key_id, algorithm)
        if pair not in self._parsed:
            self._parsed[pair] = _parse(self._published[key_id], algorithm)
        return self._parsed[pair]


def _is_usable(key: Jwk) -> bool:
    has_id = isinstance(key.get("kid"), str)
    return has_id and key.get("use", "sig") == "sig" and not _PRIVATE_MEMBERS & key.keys()


def _parse(key: Jwk, algorithm: str) -> PyJWK | None:
    """Return the key for this algorithm, or None when it is of another type or curve."""
    if key.get("alg", algorithm) != algorithm:
        return None
    try:
        return PyJWK(key, algorithm)
    except PyJWTError:
        return None
