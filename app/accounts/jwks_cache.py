"""The provider's keys, kept between the tokens that are checked with them.

They are fetched when the first token comes, and anew when they are no longer
fresh or a token names a key that is not among them. Only the latter is in the
hands of whoever calls, so it is done once in a few seconds and no oftener. While
the provider is down the keys it published last go on working, for a day.
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

PAUSE = timedelta(seconds=5)
"""Between two fetches for unknown keys, and after one that failed."""

KEPT_WITHOUT_WORD = timedelta(days=1)
"""For how long keys go on working while the provider cannot be asked about them."""

_SECRET = {"d", "k"}  # members of a key that nobody else should know: it is no longer one

_log = logging.getLogger("debrief")


class JwksCache:
    """Finds the key that a token names."""

    def __init__(
        self, fetch: Callable[[], Awaitable[list[Jwk]]], clock: Clock, fresh_for: timedelta
    ) -> None:
        self.fetch = fetch
        self.clock = clock
        self.fresh_for = fresh_for
        self._published: dict[str, Jwk] = {}
        self._made: dict[tuple[str, str], PyJWK | None] = {}
        self._fetched_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._looked_again_at: datetime | None = None
        self._under_way: asyncio.Task[None] | None = None

    async def find(self, name: str, algorithm: str) -> PyJWK | None:
        """Return the key of this name (`kid`) for this algorithm, or None when there is none.

        Raise ProviderUnreachable when only the provider could tell, and does not.
        """
        await self._freshen()
        if name not in self._published:
            await self._look_again()
        is_known = name in self._published
        if not self._younger_than(KEPT_WITHOUT_WORD) or (self._failed_at and not is_known):
            raise ProviderUnreachable(headers={"Retry-After": str(PAUSE.seconds)})
        return self._key(name, algorithm) if is_known else None

    async def _freshen(self) -> None:
        if self._younger_than(self.fresh_for) or not self._has_passed(self._failed_at):
            return
        fetching = self._fetch_once()
        # Where the provider was well it is waited for. Where it was down, nobody waits again.
        if not (self._failed_at and self._younger_than(KEPT_WITHOUT_WORD)):
            await asyncio.shield(fetching)

    async def _look_again(self) -> None:
        if self._under_way is None:
            if not (self._has_passed(self._looked_again_at) and self._has_passed(self._failed_at)):
                return
            self._looked_again_at = self.clock()
        # Shielded: others wait for it too, whatever becomes of this request.
        await asyncio.shield(self._fetch_once())

    def _fetch_once(self) -> asyncio.Task[None]:
        if self._under_way is None:
            self._under_way = asyncio.create_task(self._fetch())
        return self._under_way

    async def _fetch(self) -> None:
        try:
            keys = await self.fetch()
        except ProviderError as error:
            self._failed_at = self.clock()
            _log.warning("the keys of the OpenID Connect provider could not be fetched: %s", error)
        else:
            self._published = {key["kid"]: key for key in keys if _is_usable(key)}
            self._made.clear()
            self._fetched_at, self._failed_at = self.clock(), None
        finally:
            self._under_way = None

    def _younger_than(self, age: timedelta) -> bool:
        return self._fetched_at is not None and self.clock() - self._fetched_at < age

    def _has_passed(self, since: datetime | None) -> bool:
        return since is None or self.clock() - since >= PAUSE

    def _key(self, name: str, algorithm: str) -> PyJWK | None:
        pair = (name, algorithm)
        if pair not in self._made:
            self._made[pair] = _fitting(self._published[name], algorithm)
        return self._made[pair]


def _is_usable(key: Jwk) -> bool:
    is_named = isinstance(key.get("kid"), str)
    return is_named and key.get("use", "sig") == "sig" and not _SECRET & key.keys()


def _fitting(key: Jwk, algorithm: str) -> PyJWK | None:
    """Return the key made for this algorithm, or None where it is of another kind or curve."""
    if key.get("alg", algorithm) != algorithm:
        return None
    try:
        return PyJWK(key, algorithm)
    except PyJWTError:
        return None
