"""What every request passes: an id, careful headers, a size, and a net for what nobody foresaw.

Pure ASGI: a `BaseHTTPMiddleware` would cost more than the request itself.
"""

import logging
import time
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import render
from app.api.request_id import name_request
from app.core.logs import current_request
from app.core.problems import BodyTooLarge, QuotaExceeded, Unexpected
from app.kit.ids import Ids

_SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)

UNCOUNTED = frozenset({"/healthz", "/readyz"})  # asked by machines that look after this one

_log = logging.getLogger("debrief")
_requests = logging.getLogger("debrief.requests")


class RequestEnvelope:
    """Give each request an id, each answer its headers, and each failure an answer."""

    def __init__(self, app: ASGIApp, new_id: Ids) -> None:
        self.app = app
        self.new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its id; answer 500 when anything unforeseen comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = name_request(scope, self.new_id)
        named = current_request.set(request_id)
        try:
            await self._answer(scope, receive, send, request_id)
        finally:
            current_request.reset(named)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        stamp = (b"x-request-id", request_id.encode())
        began = time.perf_counter()
        status = 0

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], stamp, *_SECURITY_HEADERS]
            await send(message)

        try:
            await self.app(scope, receive, stamped)
        except Exception:
            _log.exception("request %s failed", request_id)
            if status:
                raise
            await render(Request(scope), Unexpected())(scope, receive, stamped)
        if _requests.isEnabledFor(logging.INFO):
            _tell(scope, status, time.perf_counter() - began)


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

    A key that was found valid before counts for its member; everything else for the address it
    comes from, so that guessing at keys gains nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        if scope["type"] != "http" or scope["path"] in UNCOUNTED:
            await self.app(scope, receive, send)
            return
        quotas = scope["app"].state.quotas
        holder = _holder(scope)
        standing = await quotas.spend(holder)
        if standing is None:
            await self.app(scope, receive, send)
            return
        told = [(name.lower().encode(), text.encode()) for name, text in standing.headers.items()]

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *told]
                if message["status"] == HTTPStatus.NOT_MODIFIED:
                    await quotas.refund(holder)
            await send(message)

        if standing.is_exceeded:
            wait = {"Retry-After": str(max(1, standing.resets_in))}
            refusal = render(Request(scope), QuotaExceeded(headers=wait))
            await refusal(scope, receive, telling)
            return
        await self.app(scope, receive, telling)


def _holder(scope: Scope) -> str:
    caller = scope["app"].state.key_ring.known(Headers(scope=scope).get("authorization", ""))
    if caller is not None:
        return f"member:{caller.workspace_id}:{caller.member_id}"
    client = scope.get("client")
    return f"address:{client[0] if client else ''}"


class BodyLimit:
    """Refuse a body that is announced as over the limit, in bytes, before any of it is read.

    FastAPI counts a body of unknown length itself; for an announced one its
    answer would be plain text, and every refusal of this service is a problem.
    """

    def __init__(self, app: ASGIApp, largest: int, by_path: Mapping[str, int]) -> None:
        self.app = app
        self.largest = largest
        self.by_path = by_path  # where it is another limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413."""
        if scope["type"] == "http":
            largest = self.by_path.get(scope["path"], self.largest)
            if _announced(scope) > largest:
                refusal = render(Request(scope), BodyTooLarge(largest_bytes=largest))
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
