"""Rate limiter: counts the requests of each member or client address in windows of one minute.

The counts are in the memory of the process, or in Redis (or Valkey) for all processes together.
"""

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
    """The rate limit of a caller and how much of it the current window has used."""

    limit: int  # requests per window
    used: int
    resets_in: int  # seconds

    @property
    def is_exceeded(self) -> bool:
        """Whether this request is over the limit."""
        return self.used > self.limit

    def after_refund(self) -> "RateLimitStatus":
        """Return the status without this request."""
        return replace(self, used=self.used - 1)

    @property
    def headers(self) -> dict[str, str]:
        """The response headers of the IETF draft on rate limit fields (-10)."""
        remaining = max(0, self.limit - self.used)
        return {
            "RateLimit-Policy": f'"{POLICY}";q={self.limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"{POLICY}";r={remaining};t={self.resets_in}',
        }


class RateLimiter:
    """Counts requests, in this process's memory or in a Redis that processes share."""

    def __init__(self, settings: Settings) -> None:
        self._limit = RateLimitItemPerMinute(settings.rate_limit_per_minute)
        self._storage = _storage(settings.rate_limit_url)

    async def hit(self, caller: str) -> RateLimitStatus | None:
        """Count one request; None while the storage is unreachable, which rejects no request."""
        key = self._limit.key_for(caller)
        try:
            used = await self._storage.incr(key, WINDOW_SECONDS)
            expires_at = await self._storage.get_expiry(key)
        except self._storage.base_exceptions as error:
            _log.warning("the rate limit is not counted: %s", type(error).__name__)
            return None
        resets_in = max(0, min(WINDOW_SECONDS, round(expires_at - time.time())))
        return RateLimitStatus(self._limit.amount, used, resets_in)

    async def refund(self, caller: str) -> None:
        """Subtract one request, whose response needed no work."""
        key = self._limit.key_for(caller)
        try:
            await self._storage.incr(key, WINDOW_SECONDS, amount=-1)
        except self._storage.base_exceptions as error:
            _log.warning("the rate limit is not counted: %s", type(error).__name__)

    async def close(self) -> None:
        """Close the connections to Redis."""
        if isinstance(self._storage, RedisStorage):
            bridge: Any = self._storage.bridge  # the library's client has no type
            await bridge.get_connection().aclose()


RATE_LIMITER: StateKey[RateLimiter] = StateKey("rate_limiter")


def _storage(url: str) -> Storage:
    scheme, _, rest = url.partition("://")
    if scheme == "memory":
        storage = storage_from_string("async+memory://")
    else:
        # Valkey speaks Redis's protocol, so the Redis client serves both.
        storage = storage_from_string(
            f"async+{scheme.replace('valkey', 'redis')}://{rest}", implementation="redispy"
        )
    assert isinstance(storage, Storage)  # noqa: S101 - an async URL gives an async storage
    return storage
