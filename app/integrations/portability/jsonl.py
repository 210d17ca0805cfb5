"""Answers in JSON Lines: made as they are read, or while the question is still coming."""

import asyncio
from collections.abc import AsyncIterator, Callable
from tempfile import SpooledTemporaryFile
from typing import TypeVar

from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.types import Receive

from app.accounts.request_context import RequestContext
from app.core.http.responses import NO_STORE
from app.core.unit_of_work.session import ReadSession

Place = TypeVar("Place")

MEDIA_TYPE = "application/jsonl"
_IN_MEMORY = 1_048_576  # bytes of a report that are kept there before a file is used
_AT_ONCE = 65_536


class JsonLinesResponse(StreamingResponse):
    """An answer of JSON Lines."""

    media_type = MEDIA_TYPE

    def __init__(self, lines: AsyncIterator[bytes]) -> None:
        super().__init__(lines, headers=NO_STORE)


class DuplexJsonLinesResponse(JsonLinesResponse):
    """JSON Lines that are answered while the body is still being read."""

    async def listen_for_disconnect(self, receive: Receive) -> None:
        """Leave the body to whoever reads it, who also hears when the caller has gone.

        The framework's own way is to listen here, which would swallow the body.
        """
        del receive
        await asyncio.get_running_loop().create_future()


async def stream(
    access: RequestContext,
    step: Callable[[ReadSession, Place], tuple[bytes, Place | None]],
    beginning: Place,
) -> JsonLinesResponse:
    """Answer with what the steps give, each one unit of work, as fast as it is read.

    The first is made before the answer begins, so that what goes wrong there is told as everywhere.
    """

    async def take(place: Place) -> tuple[bytes, Place | None]:
        return await access.work.read(access.work.bind_read(access.caller, step, place))

    first, onward = await take(beginning)

    async def lines() -> AsyncIterator[bytes]:
        yield first
        place = onward
        while place is not None:
            some, place = await take(place)
            yield some

    return JsonLinesResponse(lines())


class SpooledReport:
    """Lines for a caller who may read them late: many of them wait in a file.

    Most clients send their whole body before they read anything. Were they made to
    read first, neither side would ever go on.
    """

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed once read
        self._written = self._read = 0
        self._news = asyncio.Event()
        self._has_ended = False

    def write(self, *lines: BaseModel) -> None:
        """Add lines."""
        self._file.seek(self._written)
        self._file.write(b"".join(each.model_dump_json().encode() + b"\n" for each in lines))
        self._written = self._file.tell()
        self._news.set()

    def end(self) -> None:
        """Say that nothing more will be written."""
        self._has_ended = True
        self._news.set()

    async def read(self) -> AsyncIterator[bytes]:
        """Yield what was written, until there is nothing more to come."""
        with self._file:
            while some := await self._some():
                yield some

    async def _some(self) -> bytes:
        while self._read == self._written and not self._has_ended:
            self._news.clear()
            await self._news.wait()
        self._file.seek(self._read)
        some = self._file.read(min(_AT_ONCE, self._written - self._read))
        self._read += len(some)
        return some
