"""In-flight limiter: how many requests may be sent but not yet recorded, in one worker.

After a crash at most that many are sent twice. More at once gains nothing while receivers answer
promptly, because the worker itself is then the bottleneck. Permits that are held longer than 50 ms
are released, so that slow receivers do not block fast ones.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

_PROMPT_SECONDS = 0.05


@dataclass
class Permits:
    """Permits that one batch holds."""

    size: int
    limit: asyncio.Semaphore

    def shrink_to(self, size: int) -> None:
        """Release the permits that are not needed."""
        for _ in range(self.size - size):
            self.limit.release()
        self.size = min(size, self.size)

    @contextmanager
    def release_if_slow(self) -> Iterator[None]:
        """Release all permits when the block takes longer than a prompt receiver does."""
        loop = asyncio.get_running_loop()
        release = loop.call_later(_PROMPT_SECONDS, self.shrink_to, 0)
        try:
            yield
        finally:
            release.cancel()


class InFlightLimiter:
    """The permits of one worker."""

    def __init__(self, size: int) -> None:
        self._limit = asyncio.Semaphore(size)
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def acquire(self, size: int) -> AsyncIterator[Permits]:
        """Wait for permits; they are released after the block, if not before."""
        permits = Permits(0, self._limit)
        try:
            async with self._turn:  # one at a time: two that hold half each would wait forever
                while permits.size < size:
                    await self._limit.acquire()
                    permits.size += 1
            yield permits
        finally:
            permits.shrink_to(0)
