"""The other side: one process, a path for each endpoint, and a way to misbehave for each kind.

`python -m tests.harness.chaos.receiving FILE` prints its port and answers for ever. Every call that
carries a signature is verified with the official library of Python and written to the file, a
line each. Those who direct the run tell it secrets and ask for the tally on paths of their own.
"""

import asyncio
import base64
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TextIO

from standardwebhooks import Webhook, WebhookVerificationError

HUGE = 1 << 30  # bytes
TURN_SECONDS = 5.0
RETRY_AFTER = 1
AWAY = "Location: /never"

_PIECE = b"x" * 65_536
_OK = b"HTTP/1.1 204 No Content\r\n\r\n"
_FOR_EVER = 60.0
_chance = random.Random(7).random  # noqa: S311 - a series to repeat, not a secret


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it came: its path, headers in lower case, body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """How this path behaves."""
        return self.path.split("/")[1]


@dataclass(frozen=True, slots=True)
class Conduct:
    """What is done about a call: it is taken or not, and the wire is used like this."""

    is_taken: bool
    answer: Callable[[asyncio.StreamWriter], Awaitable[bool]]
    """Returns whether the connection goes on."""


@dataclass
class Tally:
    """What was seen by kind and word."""

    file: TextIO
    secrets: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    is_over: bool = False

    def take_down(self, call: Call, *, is_taken: bool) -> None:
        """Verify a call and write it down with the secret that was held then."""
        if self.is_over:
            return
        secret = self.secrets[call.path]
        try:
            Webhook(secret).verify(call.body, call.headers)
        except WebhookVerificationError:
            self.counts["unverified"] += 1
        self.counts[f"{call.kind} {'taken' if is_taken else 'not taken'}"] += 1
        json.dump(
            {
                "path": call.path,
                "at": time.time(),
                "is_taken": is_taken,
                "secret": secret,
                "headers": {n: t for n, t in call.headers.items() if n.startswith("webhook-")},
                "body": base64.b64encode(call.body).decode(),
            },
            self.file,
        )
        self.file.write("\n")


def says(status: str, *headers: str) -> Callable[[asyncio.StreamWriter], Awaitable[bool]]:
    """Answer at once, without a body."""
    raw = "\r\n".join([f"HTTP/1.1 {status}", *headers, "Content-Length: 0", "", ""]).encode()

    async def answer(writer: asyncio.StreamWriter) -> bool:
        writer.write(raw)
        return True

    return answer


async def take(writer: asyncio.StreamWriter) -> bool:
    """Answer well."""
    writer.write(_OK)
    return True


async def hang(_: asyncio.StreamWriter) -> bool:
    """Say nothing until the other side has gone long since."""
    await asyncio.sleep(_FOR_EVER)
    return False


async def reset(writer: asyncio.StreamWriter) -> bool:
    """Cut the connection."""
    writer.transport.abort()
    return False


async def trickle(writer: asyncio.StreamWriter) -> bool:
    """Send a good answer a letter at a time, too slowly to be waited for."""
    for letter in _OK:
        writer.write(bytes([letter]))
        await writer.drain()
        await asyncio.sleep(0.2)
    return True


async def dawdle(writer: asyncio.StreamWriter) -> bool:
    """Answer well after a while."""
    await asyncio.sleep(0.02 + 0.1 * _chance())
    return await take(writer)


async def pour(writer: asyncio.StreamWriter) -> bool:
    """Answer well with a gigabyte behind it."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % HUGE)
    with suppress(ConnectionError):
        for _ in range(HUGE // len(_PIECE)):
            writer.write(_PIECE)
            await writer.drain()
    return False


def now_and_then(share: float) -> Callable[[], bool]:
    """Return what happens by chance, to so large a share of the calls."""
    return lambda: _chance() < share


def in_turns() -> bool:
    """Tell whether it is a bad time: some seconds are, and the next are not."""
    return bool(time.monotonic() // TURN_SECONDS % 2)


WELL = Conduct(is_taken=True, answer=take)
WAIT = says("429 Too Many Requests", f"Retry-After: {RETRY_AFTER}")
TROUBLE: dict[str, tuple[Callable[[], bool], Conduct]] = {
    "errors": (now_and_then(0.1), Conduct(is_taken=False, answer=says("500 Sorry"))),
    "hangs": (in_turns, Conduct(is_taken=False, answer=hang)),
    "resets": (now_and_then(0.1), Conduct(is_taken=False, answer=reset)),
    "slow": (now_and_then(0.01), Conduct(is_taken=False, answer=trickle)),
    "redirects": (now_and_then(1), Conduct(is_taken=False, answer=says("302 Found", AWAY))),
    "gone": (now_and_then(1), Conduct(is_taken=False, answer=says("410 Gone"))),
    "busy": (now_and_then(0.01), Conduct(is_taken=False, answer=WAIT)),
    "huge": (now_and_then(1), Conduct(is_taken=True, answer=pour)),
}
"""When each kind misbehaves, and how."""
OTHERWISE = {"slow": Conduct(is_taken=True, answer=dawdle)}


def conduct_of(kind: str) -> Conduct:
    """Return what is done about the next call of this kind."""
    happens, trouble = TROUBLE.get(kind, (now_and_then(0), WELL))
    return trouble if happens() else OTHERWISE.get(kind, WELL)


async def attend(tally: Tally, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the calls of one connection until it ends."""
    goes_on = True
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        while goes_on:
            call = await _read(reader)
            if call.path.startswith("/direct/"):
                goes_on = _direct(tally, call, writer)
            elif "webhook-signature" in call.headers:
                conduct = conduct_of(call.kind)
                tally.take_down(call, is_taken=conduct.is_taken)
                goes_on = await conduct.answer(writer)
            else:  # what a redirect leads to, and whatever else nobody should call
                tally.counts["astray"] += 1
                goes_on = await take(writer)
    writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> Call:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): text.strip() for name, _, text in (e.partition(":") for e in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Call(first.split(" ")[1], headers, body)


def _direct(tally: Tally, call: Call, writer: asyncio.StreamWriter) -> bool:
    """Learn secrets, or close the book and answer with the tally."""
    told: dict[str, Any] = json.loads(call.body or b"{}")
    tally.secrets |= told
    if not told:
        tally.is_over = True
        tally.file.flush()
    body = json.dumps(tally.counts).encode()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    return True


async def main(path: str) -> None:
    """Listen, tell the port, and answer for ever."""
    with open(path, "w", encoding="utf-8") as file:  # noqa: ASYNC230, PTH123 - before any call
        tally = Tally(file)
        server = await asyncio.start_server(
            lambda reader, writer: attend(tally, reader, writer), "127.0.0.1", 0, backlog=1000
        )
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
