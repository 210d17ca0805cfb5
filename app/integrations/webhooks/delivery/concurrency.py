"""How much may have been sent and not be written down yet, in one worker.

That is what is sent twice when the worker is killed. More of it at once makes nothing faster
where receivers answer promptly, for then it is this process that they wait for. Where they do
not, they are not waited for: a share that is held for longer than a moment is free again.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

_PROMPT_SECONDS = 0.05


@dataclass
class Permits:
    """A part of the allowance: so many deliveries may be on their way."""

    size: int
    whole: asyncio.Semaphore

    def shrink_to(self, size: int) -> None:
        """Give back what is not needed."""
        for _ in range(self.size - size):
            self.whole.release()
        self.size = min(size, self.size)

    @contextmanager
    def release_if_slow(self) -> Iterator[None]:
        """Give all of it back where the block takes longer than a prompt receiver does."""
        loop = asyncio.get_running_loop()
        giving_back = loop.call_later(_PROMPT_SECONDS, self.shrink_to, 0)
        try:
            yield
        finally:
            giving_back.cancel()


class InFlightLimiter:
    """What all the deliveries of a worker have among themselves."""

    def __init__(self, size: int) -> None:
        self._whole = asyncio.Semaphore(size)
        self._door = asyncio.Lock()

    @asynccontextmanager
    async def share(self, size: int) -> AsyncIterator[Permits]:
        """Wait for a share and hold it, or what is left of it, for the length of a block."""
        share = Permits(0, self._whole)
        try:
            async with self._door:  # one after another: two halves would wait for each other
                while share.size < size:
                    await self._whole.acquire()
                    share.size += 1
            yield share
        finally:
            share.shrink_to(0)
