"""JSON Lines responses: streamed as they are produced, or while the request is still arriving."""

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

Position = TypeVar("Position")

MEDIA_TYPE = "application/jsonl"
_MAX_IN_MEMORY = 1_048_576  # bytes of a report; a longer one goes to a temporary file
_CHUNK_SIZE = 65_536


class JsonLinesResponse(StreamingResponse):
    """A response in JSON Lines."""

    media_type = MEDIA_TYPE

    def __init__(self, lines: AsyncIterator[bytes]) -> None:
        super().__init__(lines, headers=NO_STORE)


class DuplexJsonLinesResponse(JsonLinesResponse):
    """JSON Lines that are sent while the request body is still being read."""

    async def listen_for_disconnect(self, receive: Receive) -> None:
        """Wait forever: the reader of the body notices a disconnect.

        Starlette's own implementation receives messages here, which would consume the body.
        """
        del receive
        await asyncio.get_running_loop().create_future()


async def stream(
    context: RequestContext,
    read_page: Callable[[ReadSession, Position], tuple[bytes, Position | None]],
    start: Position,
) -> JsonLinesResponse:
    """Stream page after page, each one unit of work, as fast as the client reads.

    The first page is read before the response starts, so that its errors are ordinary problems.
    """

    async def read(position: Position) -> tuple[bytes, Position | None]:
        unit = context.runner.bind_read(context.caller, read_page, position)
        return await context.runner.read(unit)

    first_page, second_position = await read(start)

    async def pages() -> AsyncIterator[bytes]:
        yield first_page
        position = second_position
        while position is not None:
            page, position = await read(position)
            yield page

    return JsonLinesResponse(pages())


class SpooledReport:
    """Report lines that the client may read late; many of them wait in a temporary file.

    Most clients send their whole body before they read anything. If writing waited for the client
    to read, both sides would wait forever.
    """

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_MAX_IN_MEMORY)  # noqa: SIM115 - closed in `read`
        self._written = self._read = 0
        self._changed = asyncio.Event()
        self._has_ended = False

    def write(self, *lines: BaseModel) -> None:
        """Append lines."""
        self._file.seek(self._written)
        self._file.write(b"".join(line.model_dump_json().encode() + b"\n" for line in lines))
        self._written = self._file.tell()
        self._changed.set()

    def end(self) -> None:
        """Mark the report as complete."""
        self._has_ended = True
        self._changed.set()

    async def read(self) -> AsyncIterator[bytes]:
        """Yield what was written until the report is complete; call it once."""
        with self._file:
            while chunk := await self._next_chunk():
                yield chunk

    async def _next_chunk(self) -> bytes:
        while self._read == self._written and not self._has_ended:
            self._changed.clear()
            await self._changed.wait()
        self._file.seek(self._read)
        chunk = self._file.read(min(_CHUNK_SIZE, self._written - self._read))
        self._read += len(chunk)
        return chunk
