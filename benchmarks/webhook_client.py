"""Measure the webhook client: `python -m benchmarks.webhook_client [--posts N]`.

The receiver is a process of its own on this machine that answers every request alike, once on
connections that are kept and once closing each. Our client (with both checks of the SSRF guard)
stands beside plain aiohttp, beside httpx2 and beside the floor: the same bytes written and read
by hand. CPU is that of this process alone; the best of the rounds counts.
"""

import argparse
import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from multiprocessing.connection import Connection
from typing import NamedTuple

import aiohttp
import httpx2

from app.integrations.webhooks.delivery.http_client import WebhookClient
from app.integrations.webhooks.delivery.results import WebhookResponse

Post = Callable[[str, bytes], Awaitable[int]]
"""Posts a body to a URL and returns the status."""
Client = Callable[[], AbstractAsyncContextManager[Post]]

BODY = b'{"type":"interview.concluded","data":{"id":"' + b"x" * 400 + b'"}}'
HEADERS = {
    "Content-Type": "application/json",
    "webhook-id": "evt_01h455vb4pex5vsknk084sn02q",
    "webhook-timestamp": "1795780800",
    "webhook-signature": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
}
AT_ONCE = (1, 16)
ROUNDS = range(3)


class Cost(NamedTuple):
    """What one post cost, and how many went out in a second."""

    microseconds: float
    a_second: float


def main() -> None:
    """Measure every client in every way, and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.webhook_client", description=__doc__
    )
    parser.add_argument("--posts", type=int, default=2000)
    posts: int = parser.parse_args().posts
    print("| connections | at once | client | CPU µs a post | posts a second |")
    print("|---|---:|---|---:|---:|")
    for keeps in (True, False):
        with receiving(keeps=keeps) as url:
            for at_once in AT_ONCE:
                for name, client in CLIENTS.items():
                    cost = min(asyncio.run(measure(client, url, posts, at_once)) for _ in ROUNDS)
                    row = f"| {'kept' if keeps else 'new'} | {at_once} | {name} "
                    print(f"{row}| {cost.microseconds:.0f} | {cost.a_second:.0f} |")


async def measure(client: Client, url: str, posts: int, at_once: int) -> Cost:
    """Post so many, so many at once; exit when one is not answered."""
    left = iter(range(posts))

    async def work(post: Post) -> None:
        for _ in left:
            if await post(url, BODY) != 200:  # noqa: PLR2004 - what the receiver answers
                raise SystemExit(url)

    async with client() as post:
        await post(url, BODY)
        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.gather(*(work(post) for _ in range(at_once)))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Cost(cpu / posts * 1e6, posts / wall)


# --- clients -----------------------------------------------------------------


@asynccontextmanager
async def ours() -> AsyncIterator[Post]:
    """Open the service's own."""
    async with WebhookClient(development=True, per_host=100) as poster:

        async def post(url: str, body: bytes) -> int:
            outcome = await poster.post(url, body, HEADERS)
            return outcome.status if isinstance(outcome, WebhookResponse) else 0

        yield post


@asynccontextmanager
async def plain_aiohttp() -> AsyncIterator[Post]:
    """Open aiohttp as it comes."""
    async with aiohttp.ClientSession() as session:

        async def post(url: str, body: bytes) -> int:
            async with session.post(url, data=body, headers=HEADERS) as response:
                await response.read()
                return response.status

        yield post


@asynccontextmanager
async def plain_httpx2() -> AsyncIterator[Post]:
    """Open httpx2 as it comes."""
    async with httpx2.AsyncClient() as client:

        async def post(url: str, body: bytes) -> int:
            return (await client.post(url, content=body, headers=HEADERS)).status_code

        yield post


@asynccontextmanager
async def by_hand() -> AsyncIterator[Post]:
    """Write and read the bytes alone, without a client: nothing can be cheaper here."""
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(url: str, body: bytes) -> int:
        host, port = url.removeprefix("http://").rstrip("/").split(":")
        reader, writer = idle.pop() if idle else await asyncio.open_connection(host, int(port))
        lines = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
        head = f"POST / HTTP/1.1\r\nHost: {host}:{port}\r\n{lines}Content-Length: {len(body)}"
        writer.write(head.encode() + b"\r\n\r\n" + body)
        answer = await reader.readuntil(b"\r\n\r\nok")
        if b"close" in answer:
            writer.close()
        else:
            idle.append((reader, writer))
        return int(answer[9:12])

    yield post
    for _, writer in idle:
        writer.close()


CLIENTS: dict[str, Client] = {
    "ours": ours,
    "aiohttp": plain_aiohttp,
    "httpx2": plain_httpx2,
    "by hand": by_hand,
}


# --- the receiver ------------------------------------------------------------


@contextmanager
def receiving(*, keeps: bool) -> Iterator[str]:
    """Start a receiver in a process of its own, and give its URL."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=receive, args=(there, keeps), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}/"
    finally:
        process.terminate()
        process.join()


def receive(tell: Connection, keeps: bool) -> None:  # noqa: FBT001 - called by position
    """Tell the port, and answer for ever."""
    asyncio.run(_answer(tell, keeps=keeps))


async def _answer(tell: Connection, *, keeps: bool) -> None:
    way = "keep-alive" if keeps else "close"
    answer = f"HTTP/1.1 200 OK\r\nConnection: {way}\r\nContent-Length: 2\r\n\r\nok".encode()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await _is_asked(reader):
            writer.write(answer)
            if not keeps:
                break
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0, backlog=1000)
    tell.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _is_asked(reader: asyncio.StreamReader) -> bool:
    try:
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(len(BODY))
    except (asyncio.IncompleteReadError, ConnectionError):
        return False
    return True


if __name__ == "__main__":
    main()
