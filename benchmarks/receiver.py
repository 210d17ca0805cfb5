"""A cheap webhook receiver: a process that counts requests and reports their latency."""

import asyncio
import ctypes
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

HANGING = "/hanging"
WELL = "/well"
ASIDE = "/aside"

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_Number = Any  # of multiprocessing.Value, whose type differs from what it is declared to return
_context = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where it listens, how much it took, and when the first and the last came (monotonic)."""

    url: str
    tell: Connection
    count: _Number
    first_at: _Number
    last_at: _Number

    def wait_for(self, count: int, within_seconds: float) -> None:
        """Wait until so many have come; raise TimeoutError when that takes too long."""
        until = time.monotonic() + within_seconds
        while self.count.value < count:
            if time.monotonic() > until:
                message = f"{self.count.value} of {count} came within {within_seconds} s"
                raise TimeoutError(message)
            time.sleep(0.01)

    def start_anew(self) -> None:
        """Count from nothing again."""
        self.lateness()
        self.count.value = 0

    def lateness(self) -> list[float]:
        """Return how many seconds after it happened each event came, and forget that."""
        self.tell.send(None)
        late: list[float] = self.tell.recv()
        return late


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver for the length of a block."""
    here, there = _context.Pipe()
    count = _context.Value(ctypes.c_long)
    first_at = _context.Value(ctypes.c_double)
    last_at = _context.Value(ctypes.c_double)
    process = _context.Process(target=_run, args=(there, count, first_at, last_at), daemon=True)
    process.start()
    try:
        yield Receiver(f"http://127.0.0.1:{here.recv()}", here, count, first_at, last_at)
    finally:
        process.terminate()
        process.join()


class _Wire(asyncio.Protocol):
    """One connection, whose requests come one after another."""

    late: list[float]
    count: _Number
    first_at: _Number
    last_at: _Number

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.read = b""

    def data_received(self, data: bytes) -> None:
        self.read += data
        head, end, body = self.read.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        self.read = b""
        path = head.split(b" ", 2)[1].decode()
        if path == WELL:
            self._take(body)
        if path != HANGING:
            self.transport.write(_OK)

    def _take(self, body: bytes) -> None:
        now = time.monotonic()
        if not self.count.value:
            self.first_at.value = now
        self.last_at.value = now
        self.count.value += 1
        happened = body.partition(b'"timestamp":"')[2].partition(b'"')[0]
        if happened:
            at = datetime.fromisoformat(happened.decode())
            self.late.append((datetime.now(UTC) - at).total_seconds())


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])


def _run(tell: Connection, count: _Number, first_at: _Number, last_at: _Number) -> None:
    _Wire.late, _Wire.count, _Wire.first_at, _Wire.last_at = [], count, first_at, last_at
    asyncio.run(_serve(tell))


async def _serve(tell: Connection) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Wire, "127.0.0.1", 0, backlog=1000)
    tell.send(server.sockets[0].getsockname()[1])

    def answer() -> None:
        tell.recv()
        tell.send(_Wire.late)
        _Wire.late = []

    loop.add_reader(tell.fileno(), answer)
    await server.serve_forever()
