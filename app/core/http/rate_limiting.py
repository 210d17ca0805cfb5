"""Quotas: so many calls a minute for each caller, counted in one place for all processes."""

import logging
import time
from dataclasses import dataclass, replace
from typing import Any

from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage, Storage
from limits.storage import storage_from_string

from app.core.config.settings import Settings
from app.core.http.app_state import StateKey

WINDOW_SECONDS = 60
POLICY = "default"

_log = logging.getLogger("debrief")


@dataclass(frozen=True, slots=True)
class RateLimitStatus:
    """How a caller stands in the present window."""

    limit: int  # calls a window
    used: int
    resets_in: int  # seconds

    @property
    def is_exceeded(self) -> bool:
        """Whether this call was one too many."""
        return self.used > self.limit

    def after_refund(self) -> "RateLimitStatus":
        """Return how they stand once this call is taken back."""
        return replace(self, used=self.used - 1)

    @property
    def headers(self) -> dict[str, str]:
        """What the IETF's draft on rate limit fields (-10) has every answer say."""
        left = max(0, self.limit - self.used)
        return {
            "RateLimit-Policy": f'"{POLICY}";q={self.limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"{POLICY}";r={left};t={self.resets_in}',
        }


class RateLimiter:
    """Counts calls, in this process's memory or in a Redis that processes share."""

    def __init__(self, settings: Settings) -> None:
        self._allowed = RateLimitItemPerMinute(settings.quota_per_minute)
        self._storage = _storage(settings.quota_url)

    async def hit(self, holder: str) -> RateLimitStatus | None:
        """Count one call; None while the count cannot be kept, which stops nobody."""
        key = self._allowed.key_for(holder)
        try:
            spent = await self._storage.incr(key, WINDOW_SECONDS)
            ends = await self._storage.get_expiry(key)
        except self._storage.base_exceptions as error:
            _log.warning("quotas are not counted: %s", type(error).__name__)
            return None
        resets_in = max(0, min(WINDOW_SECONDS, round(ends - time.time())))
        return RateLimitStatus(self._allowed.amount, spent, resets_in)

    async def refund(self, holder: str) -> None:
        """Take the count of one call back: one that was answered without any work."""
        key = self._allowed.key_for(holder)
        try:
            await self._storage.incr(key, WINDOW_SECONDS, amount=-1)
        except self._storage.base_exceptions as error:
            _log.warning("quotas are not counted: %s", type(error).__name__)

    async def close(self) -> None:
        """Give the connections back."""
        if isinstance(self._storage, RedisStorage):
            bridge: Any = self._storage.bridge  # the library shows its client only untyped
            await bridge.get_connection().aclose()


RATE_LIMITER: StateKey[RateLimiter] = StateKey("rate_limiter")


def _storage(url: str) -> Storage:
    scheme, _, rest = url.partition("://")
    if scheme == "memory":
        made = storage_from_string("async+memory://")
    else:
        # Valkey speaks Redis's protocol, and one client is enough.
        made = storage_from_string(
            f"async+{scheme.replace('valkey', 'redis')}://{rest}", implementation="redispy"
        )
    assert isinstance(made, Storage)  # noqa: S101 - what an async URL gives
    return made
