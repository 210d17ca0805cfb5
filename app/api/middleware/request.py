"""What every request passes: an id, careful headers, its origin, its quota, a net, a size.

Pure ASGI: a `BaseHTTPMiddleware` would cost more than the request itself.
"""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.middleware.headers import (
    SECURITY_HEADERS,
    with_default_headers,
)
from app.api.request_id import assign_request_id
from app.core.observability.log_format import current_request
from app.kit.ids import Ids

_requests = logging.getLogger("debrief.requests")


class RequestMiddleware:
    """Give each request an id and each answer its headers, and write one line of it."""

    def __init__(self, app: ASGIApp, new_id: Ids, tls_seconds: int = 0) -> None:
        self.app = app
        self.new_id = new_id
        tls = (b"strict-transport-security", b"max-age=%d" % tls_seconds)
        self.headers = (*SECURITY_HEADERS, tls) if tls_seconds else SECURITY_HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its id."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = assign_request_id(scope, self.new_id)
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
                message["headers"] = [
                    *with_default_headers(message["headers"], self.headers),
                    stamp,
                ]
            await send(message)

        try:
            await self.app(scope, receive, stamped)
        finally:
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
