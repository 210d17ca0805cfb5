"""Webhook HTTP client: posts one message; a failure is a value, and no receiver can cost much.

A connection is made only to an address that was checked (see `ssrf_guard`), and is reused only
for the same host, since it cannot lead elsewhere later. No redirect is followed, and no proxy or
cookie of the environment is used. Of a response, the status, one header and the first bytes are
read.
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

MAX_RESPONSE_BYTES = 4096
"""How much of a response body is read; if there is more, the connection is closed."""
MAX_HEADERS = 64
MAX_HEADER_BYTES = 8190
MAX_DETAIL_LENGTH = 300
"""Characters in the detail of a failure, which may quote what the receiver sent."""

_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",  # nothing is decompressed: no decompression bombs
    "Content-Type": "application/json",
    "User-Agent": "Debrief-Webhooks",
}


@dataclass
class WebhookClient:
    """Posts webhooks concurrently; open it once, with `async with`.

    `body_seconds` is the timeout of reading the body after the status, which is what counts.
    `tls` replaces the machine's certificates and `lookup` its resolver. `sockets` creates the
    sockets for addresses that passed both checks.
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
        """Open the connection pool, which is empty at first."""
        self._session = aiohttp.ClientSession(
            connector=self._connector(),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            trust_env=False,  # neither proxies nor .netrc
            auto_decompress=False,
            read_bufsize=MAX_RESPONSE_BYTES,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
            max_headers=MAX_HEADERS,
            timeout=aiohttp.ClientTimeout(),  # `post` sets one timeout for the whole request
            trace_configs=[_trace_config()],
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
        """Post the body once; every failure of the receiver is a value, not an exception."""
        started = self.timer()
        try:
            target = Target.parse(url, development=self.development)
            async with asyncio.timeout(self.timeout_seconds):
                return await self._post(target, body, headers, started)
        except (UnsuitableTarget, aiohttp.ClientError, OSError) as error:
            kind = _kind_of(error)
            detail = (_DETAIL.get(kind) or str(error))[:MAX_DETAIL_LENGTH]
            return WebhookFailure(kind, detail, self.timer() - started)

    async def _post(
        self, target: Target, body: bytes, headers: Mapping[str, str], started: float
    ) -> WebhookResponse:
        """Post, and retry once if a reused connection turns out to be closed by the receiver."""
        trace = _RequestTrace()
        try:
            return await self._post_once(target, body, headers, started, trace)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            if not trace.is_reused:
                raise
        return await self._post_once(target, body, headers, started, _RequestTrace())

    async def _post_once(
        self,
        target: Target,
        body: bytes,
        headers: Mapping[str, str],
        started: float,
        trace: "_RequestTrace",
    ) -> WebhookResponse:
        url = URL(target.url, encoded=True)
        async with self._session.post(
            url, data=body, headers=headers, allow_redirects=False, trace_request_ctx=trace
        ) as response:
            latency = self.timer() - started
            response_excerpt = await _first_bytes(response, self.body_seconds)
            retry_after = response.headers.get("Retry-After")
            return WebhookResponse(response.status, retry_after, response_excerpt, latency)

    def _connector(self) -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector(
            resolver=GuardedResolver(self.lookup, development=self.development),
            socket_factory=guarded_sockets(self.sockets, development=self.development),
            use_dns_cache=False,  # every connection resolves and checks the name again
            ssl=self.tls,
            limit=0,  # none in total, so that a slow host cannot use up the connections of others
            limit_per_host=self.per_host,
            keepalive_timeout=15.0,
        )


@dataclass(slots=True)
class _RequestTrace:
    """Whether a request was sent over a reused connection."""

    is_reused: bool = False


def _trace_config() -> aiohttp.TraceConfig:
    config = aiohttp.TraceConfig()
    config.on_connection_reuseconn.append(_mark_reused)
    return config


async def _mark_reused(
    _session: aiohttp.ClientSession, request: SimpleNamespace, _: object
) -> None:
    request.trace_request_ctx.is_reused = True


async def _first_bytes(response: aiohttp.ClientResponse, seconds: float) -> bytes:
    """Read the beginning of the body; the connection is reusable only if that was all of it."""
    body = bytearray()
    with suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(seconds):
            while len(body) < MAX_RESPONSE_BYTES and not response.content.at_eof():
                body += await response.content.read(MAX_RESPONSE_BYTES - len(body))
    return bytes(body)


_DETAIL = {
    FailureKind.TIMEOUT: "there was no response in time",
    FailureKind.RESET: "the receiver closed the connection without a response",
}


# The first match counts.
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
    return next(kind for error_type, kind in _KINDS if isinstance(error, error_type))
