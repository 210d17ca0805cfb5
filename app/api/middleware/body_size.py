"""Body size limit, enforced on `Content-Length` before the body is read."""

from collections.abc import Mapping

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.problems import problem_response
from app.core.problems import (
    BodyTooLarge,
)


class BodySizeLimitMiddleware:
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
                refusal = problem_response(Request(scope), BodyTooLarge(largest_bytes=largest))
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
