"""Error boundary: unhandled exceptions become 500, cancelled requests 503."""

import asyncio
import logging

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem_response
from app.api.request_id import request_id_of
from app.core.problems import (
    Interrupted,
    Unexpected,
)

_log = logging.getLogger("debrief")


class ErrorMiddleware:
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
            await problem_response(Request(scope), Unexpected())(scope, receive, send)
        except asyncio.CancelledError:
            if not has_begun:
                stopped = Interrupted(headers={"Retry-After": "1"})
                await problem_response(Request(scope), stopped)(scope, receive, send)
            raise
