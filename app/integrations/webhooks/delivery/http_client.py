"""Post one webhook: what came of it is a value, and nothing a receiver does can cost much.

A connection is made to a judged address alone (see dialling) and may be used again
for the same host: it was judged when it was dialled and cannot lead elsewhere since.
No redirect is followed, no proxy or cookie of the environment is used, and of the
answer we keep a status, one header and the first bytes.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import SimpleNamespace, TracebackType
from typing import Self

import aiohttp
from aiohttp.connector import SocketFactoryType
from yarl import URL

from app.integrations.webhooks.delivery.results import (
    FailureKind,
    WebhookFailure,
    WebhookResponse,
)
from app.integrations.webhooks.security.ssrf_guard import (
    GuardedResolver,
    Lookup,
    RefusedAddressError,
    SystemLookup,
    guarded_sockets,
    make_socket,
)
from app.integrations.webhooks.security.target_url import Target, UnsuitableTarget

KEPT_BYTES = 4096
"""How much of an answer's body is read; with more to come the connection is closed."""
MOST_HEADERS = 64
LONGEST_HEADER = 8190
LONGEST_DETAIL = 300
"""How much is told of a failure, which may quote what the receiver sent."""

_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",  # nothing to unpack, so nothing that bursts
    "Content-Type": "application/json",
    "User-Agent": "Debrief-Webhooks",
}


@dataclass
class WebhookClient:
    """Posts webhooks, many at once; open it with `async with`, once for all of them.

    `body_seconds` is how long the beginning of a body is waited for once the status, which is
    what counts, is there. `tls` stands in for the machine's certificates, `lookup` for its
    resolver, and `sockets` makes the sockets for addresses that have passed both doors.
    """

    development: bool
    timeout_seconds: float = 15.0
    body_seconds: float = 2.0
    per_host: int = 8
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    lookup: Lookup = field(default_factory=SystemLookup)
    sockets: SocketFactoryType = make_socket
    timer: Callable[[], float] = time.perf_counter

    async def __aenter__(self) -> Self:
        """Open: there is a pool now, and no connection in it."""
        self._session = aiohttp.ClientSession(
            connector=self._connector(),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            trust_env=False,  # neither proxies nor .netrc
            auto_decompress=False,
            read_bufsize=KEPT_BYTES,
            max_line_size=LONGEST_HEADER,
            max_field_size=LONGEST_HEADER,
            max_headers=MOST_HEADERS,
            timeout=aiohttp.ClientTimeout(),  # one limit around the whole: see `post`
            trace_configs=[_tracing()],
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close every connection."""
        await self._session.close()
        if isinstance(self.lookup, SystemLookup):
            self.lookup.close()

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> WebhookResponse | WebhookFailure:
        """Post the body once; every failure of the other side is a value, not an exception."""
        began = self.timer()
        try:
            target = Target.parse(url, development=self.development)
            async with asyncio.timeout(self.timeout_seconds):
                return await self._post(target, body, headers, began)
        except (UnsuitableTarget, aiohttp.ClientError, OSError) as error:
            kind = _kind_of(error)
            detail = (_DETAIL.get(kind) or str(error))[:LONGEST_DETAIL]
            return WebhookFailure(kind, detail, self.timer() - began)

    async def _post(
        self, target: Target, body: bytes, headers: Mapping[str, str], began: float
    ) -> WebhookResponse:
        """Post, and once more if a kept connection turns out to have been closed meanwhile."""
        seen = _Seen()
        try:
            return await self._once(target, body, headers, began, seen)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            if not seen.reused:
                raise
        return await self._once(target, body, headers, began, _Seen())

    async def _once(
        self,
        target: Target,
        body: bytes,
        headers: Mapping[str, str],
        began: float,
        seen: "_Seen",
    ) -> WebhookResponse:
        url = URL(target.url, encoded=True)
        async with self._session.post(
            url, data=body, headers=headers, allow_redirects=False, trace_request_ctx=seen
        ) as response:
            latency = self.timer() - began
            first = await _first_bytes(response, self.body_seconds)
            wait = response.headers.get("Retry-After")
            return WebhookResponse(response.status, wait, first, latency)

    def _connector(self) -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector(
            resolver=GuardedResolver(self.lookup, development=self.development),
            socket_factory=guarded_sockets(self.sockets, development=self.development),
            use_dns_cache=False,  # the answer counts at connect time, each time
            ssl=self.tls,
            limit=0,  # no slow host may use up what the others need
            limit_per_host=self.per_host,
            keepalive_timeout=15.0,
        )


@dataclass(slots=True)
class _Seen:
    """What was seen of one request: whether it went over a connection that had been kept."""

    reused: bool = False


def _tracing() -> aiohttp.TraceConfig:
    tracing = aiohttp.TraceConfig()
    tracing.on_connection_reuseconn.append(_note)
    return tracing


async def _note(_session: aiohttp.ClientSession, request: SimpleNamespace, _: object) -> None:
    request.trace_request_ctx.reused = True


async def _first_bytes(response: aiohttp.ClientResponse, seconds: float) -> bytes:
    """Read the beginning of the body; the connection is kept only if that was all of it."""
    kept = bytearray()
    with suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(seconds):
            while len(kept) < KEPT_BYTES and not response.content.at_eof():
                kept += await response.content.read(KEPT_BYTES - len(kept))
    return bytes(kept)


_DETAIL = {
    FailureKind.TIMEOUT: "there was no answer in time",
    FailureKind.RESET: "the receiver closed the connection without an answer",
}


# The first that fits counts.
_KINDS: tuple[tuple[type[Exception], FailureKind], ...] = (
    (UnsuitableTarget, FailureKind.UNSUITABLE),
    (aiohttp.ClientConnectorDNSError, FailureKind.UNRESOLVABLE),
    (aiohttp.ClientConnectorCertificateError, FailureKind.TLS),
    (aiohttp.ClientSSLError, FailureKind.TLS),
    (ssl.SSLError, FailureKind.TLS),
    (aiohttp.ClientConnectorError, FailureKind.UNREACHABLE),
    (TimeoutError, FailureKind.TIMEOUT),
    (aiohttp.ServerDisconnectedError, FailureKind.RESET),
    (OSError, FailureKind.RESET),
    (aiohttp.ClientError, FailureKind.PROTOCOL),
)


def _kind_of(error: Exception) -> FailureKind:
    match error:
        case aiohttp.ClientConnectorError(os_error=RefusedAddressError()):
            return FailureKind.REFUSED
    return next(kind for of, kind in _KINDS if isinstance(error, of))
