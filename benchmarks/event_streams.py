"""Many event streams, held open by this process over loopback."""

import asyncio
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.load import request
from benchmarks.servers import Server

_IDLE_SECONDS = 10.0
_WITHIN_SECONDS = 120.0


class Idle(NamedTuple):
    """What so many listeners cost one process."""

    listeners: int
    kilobytes_each: float
    cpu_percent: float  # of one core, while nothing happens
    seconds_to_hear: float  # until the last has heard of one event


async def listen(server: Server, key: str, listeners: int) -> Idle:
    """Open so many streams, wait, have one thing happen, and see when all have heard."""
    before = resident_kilobytes(server)
    streams = [await _open(server, key) for _ in range(listeners)]
    await asyncio.sleep(2)
    grown = resident_kilobytes(server) - before
    cpu = server.cpu_seconds()
    await asyncio.sleep(_IDLE_SECONDS)
    cpu = server.cpu_seconds() - cpu
    began = time.perf_counter()
    hearing = asyncio.gather(*(_hear(reader) for reader, _ in streams))
    await _happen(server, key)
    async with asyncio.timeout(_WITHIN_SECONDS):
        await hearing
    took = time.perf_counter() - began
    for _, writer in streams:
        writer.close()
    return Idle(listeners, grown / listeners, cpu / _IDLE_SECONDS * 100, took)


def resident_kilobytes(server: Server) -> int:
    """Return how much the server process has in main memory (Linux)."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    (resident,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(resident.split()[1])


async def _open(server: Server, key: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(request("GET", "/v1/events/stream", key))
    await reader.readuntil(b": open")
    return reader, writer


async def _hear(reader: asyncio.StreamReader) -> None:
    await reader.readuntil(b"event: application.created")


async def _happen(server: Server, key: str) -> None:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    body = b'{"company": {"name": "Tidemark"}, "job_title": "Engineer"}'
    writer.write(request("POST", "/v1/applications", key, body))
    answer = await reader.readuntil(b"\r\n")
    if b" 201 " not in answer:
        raise RuntimeError(answer)
    writer.close()
