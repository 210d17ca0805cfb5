"""What every request passes: an id, careful headers, its origin, its quota, a net, a size.

Pure ASGI: a `BaseHTTPMiddleware` would cost more than the request itself.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from ipaddress import IPv6Address, IPv6Network

from fastapi import Request
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import render
from app.api.request_id import name_request, request_id_of
from app.core.logs import current_request
from app.core.problems import (
    BodyTooLarge,
    Interrupted,
    OriginRefused,
    QuotaExceeded,
    Unexpected,
)
from app.kit.ids import Ids

Header = tuple[bytes, bytes]

# What OWASP asks of a REST service. An answer that says one of them itself keeps its own: the
# docs page has a policy under which it can run, and what is the same for everybody may be kept.
CAREFUL: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),  # pages let in by CORS are not bound by it
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)

UNCOUNTED = frozenset({"/healthz", "/readyz"})  # asked by machines that look after this one

_HOUSEHOLD = 64  # bits that are the same in all addresses of one IPv6 subscriber

_log = logging.getLogger("debrief")
_requests = logging.getLogger("debrief.requests")


class RequestEnvelope:
    """Give each request an id and each answer its headers, and write one line of it."""

    def __init__(self, app: ASGIApp, new_id: Ids, tls_seconds: int = 0) -> None:
        self.app = app
        self.new_id = new_id
        tls = (b"strict-transport-security", b"max-age=%d" % tls_seconds)
        self.headers = (*CAREFUL, tls) if tls_seconds else CAREFUL

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its id."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = name_request(scope, self.new_id)
        # It is not taken back: a request is a task of its own, and the server, too, may
        # have something to say of it.
        current_request.set(request_id)
        stamp = (b"x-request-id", request_id.encode())
        began = time.perf_counter()
        status = 0

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*unless_said(message["headers"], self.headers), stamp]
            await send(message)

        try:
            await self.app(scope, receive, stamped)
        finally:
            if _requests.isEnabledFor(logging.INFO):
                _tell(scope, status, time.perf_counter() - began)


def unless_said(said: Iterable[Header], more: Iterable[Header]) -> list[Header]:
    """Return what an answer says, and of the other headers those that it does not say itself."""
    headers = list(said)
    names = {name for name, _ in headers}
    return headers + [header for header in more if header[0] not in names]


class FailureNet:
    """Answer 500 where something unforeseen comes back, and 503 where the server has to stop."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; once an answer has begun, all that is left is to break it off."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def noticed(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        except Exception:
            if has_begun:
                raise
            _log.exception("request %s failed", request_id_of(scope))
            await render(Request(scope), Unexpected())(scope, receive, send)
        except asyncio.CancelledError:
            if not has_begun:
                stopped = Interrupted(headers={"Retry-After": "1"})
                await render(Request(scope), stopped)(scope, receive, send)
            raise


class OtherOrigins(CORSMiddleware):
    """Let pages of the listed origins in; any other is refused by a problem, as everywhere."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what a browser asks beforehand, or pass the request on."""
        if scope["type"] != "http" or not _asks_beforehand(scope):
            await super().__call__(scope, receive, send)
            return
        answer = self.preflight_response(request_headers=Headers(scope=scope))
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            answer = render(Request(scope), OriginRefused(headers={"Vary": "Origin"}))
        await answer(scope, receive, send)


def _asks_beforehand(scope: Scope) -> bool:
    if scope["method"] != "OPTIONS":
        return False
    headers = Headers(scope=scope)
    return "origin" in headers and "access-control-request-method" in headers


def _tell(scope: Scope, status: int, seconds: float) -> None:
    told = {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "microseconds": round(seconds * 1_000_000),
    }
    _requests.info("%(method)s %(path)s %(status)s in %(microseconds)s µs", told, extra=told)


class QuotaLimit:
    """Count each call to its caller, tell every answer how they stand, and refuse what is too much.

    A valid key counts for its member, whatever strangers do at the same address. Everything else
    counts for the address it comes from, so that guessing at keys gains nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        if scope["type"] != "http" or scope["path"] in UNCOUNTED:
            await self.app(scope, receive, send)
            return
        quotas = scope["app"].state.quotas
        holder = await _holder(scope)
        standing = await quotas.spend(holder)
        if standing is None:
            await self.app(scope, receive, send)
            return

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                is_free = message["status"] == HTTPStatus.NOT_MODIFIED
                if is_free:
                    await quotas.refund(holder)
                told = (standing.refunded() if is_free else standing).headers
                message["headers"] = [
                    *message["headers"],
                    *((name.lower().encode(), text.encode()) for name, text in told.items()),
                ]
            await send(message)

        if standing.is_exceeded:
            wait = {"Retry-After": str(max(1, standing.resets_in))}
            refusal = render(Request(scope), QuotaExceeded(headers=wait))
            await refusal(scope, receive, telling)
            return
        await self.app(scope, receive, telling)


async def _holder(scope: Scope) -> str:
    caller = await scope["app"].state.key_ring.recognise(scope)
    if caller is not None:
        return f"member:{caller.workspace_id}:{caller.member_id}"
    client = scope.get("client")
    return f"address:{_network(client[0]) if client else ''}"


def _network(address: str) -> str:
    """Return the address; of IPv6 the network, since one household has 2**64 addresses there."""
    try:
        whole = IPv6Address(address)
    except ValueError:
        return address
    return str(whole.ipv4_mapped or IPv6Network((int(whole), _HOUSEHOLD), strict=False))


class BodyLimit:
    """Refuse a body that is announced as over the limit, in bytes, before any of it is read.

    FastAPI counts a body of unknown length itself; for an announced one its
    answer would be plain text, and every refusal of this service is a problem.
    """

    def __init__(self, app: ASGIApp, largest: int, streams: Mapping[tuple[str, str], int]) -> None:
        self.app = app
        self.largest = largest
        self.streams = streams  # by method and path, where it is another limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413."""
        if scope["type"] == "http":
            largest = self.streams.get((scope["method"], scope["path"]), self.largest)
            if _announced(scope) > largest:
                refusal = render(Request(scope), BodyTooLarge(largest_bytes=largest))
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)


class HeadAsGet:
    """Answer HEAD as a GET would be answered, without the body (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as a GET, and send what it answers up to the body."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        scope["method"] = "GET"
        has_ended = False

        async def without_body(message: Message) -> None:
            nonlocal has_ended
            scope["method"] = "HEAD"  # by which the server knows that no body belongs to it
            if message["type"] == "http.response.start":
                await send(message)
            elif not has_ended:
                has_ended = True  # a stream is told by `receive` then that nobody hears it
                await send({"type": "http.response.body"})

        try:
            await self.app(scope, receive, without_body)
        finally:
            scope["method"] = "HEAD"


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
