"""Request middleware: request id, security headers and request log.

Pure ASGI: `BaseHTTPMiddleware` would cost more than the request itself.
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

_log = logging.getLogger("debrief.requests")


class RequestMiddleware:
    """Assign the request id, add headers to the response, and log one line for the request."""

    def __init__(self, app: ASGIApp, new_id: Ids, hsts_seconds: int = 0) -> None:
        self.app = app
        self.new_id = new_id
        hsts = (b"strict-transport-security", b"max-age=%d" % hsts_seconds)
        self.headers = (*SECURITY_HEADERS, hsts) if hsts_seconds else SECURITY_HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its id."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = assign_request_id(scope, self.new_id)
        # Not reset: each request runs in its own task, and the server may still log for it.
        current_request.set(request_id)
        id_header = (b"x-request-id", request_id.encode())
        started_at = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *with_default_headers(message["headers"], self.headers),
                    id_header,
                ]
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            if _log.isEnabledFor(logging.INFO):
                _log_request(scope, status, time.perf_counter() - started_at)


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    fields = {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "microseconds": round(seconds * 1_000_000),
    }
    _log.info("%(method)s %(path)s %(status)s in %(microseconds)s µs", fields, extra=fields)
