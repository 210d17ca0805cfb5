"""Body size limit, enforced on `Content-Length` before the body is read."""

from collections.abc import Mapping

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.exception_handlers import problem_response
from app.core.problems import (
    BodyTooLarge,
)


class BodySizeLimitMiddleware:
    """Reject a request whose `Content-Length` exceeds the limit, in bytes.

    FastAPI enforces the limit on a body of unknown length. Its response to a `Content-Length` over
    the limit would be plain text, but every error response of this service is a problem.
    """

    def __init__(self, app: ASGIApp, largest: int, streams: Mapping[tuple[str, str], int]) -> None:
        self.app = app
        self.largest = largest
        self.streams = streams  # limits of streamed operations, by method and path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or respond with 413."""
        if scope["type"] == "http":
            largest = self.streams.get((scope["method"], scope["path"]), self.largest)
            if _content_length(scope) > largest:
                response = problem_response(Request(scope), BodyTooLarge(largest_bytes=largest))
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _content_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
