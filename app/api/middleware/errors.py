"""Error boundary: an unhandled exception becomes 500, a cancelled request 503."""

import asyncio
import logging

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.exception_handlers import problem_response
from app.api.request_id import request_id_of
from app.core.problems import (
    InternalError,
    ShuttingDown,
)

_log = logging.getLogger("debrief")


class ErrorMiddleware:
    """Respond with 500 to an unhandled exception, and with 503 when the server shuts down."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; after the response has started it can only be aborted."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_started = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception:
            if has_started:
                raise
            _log.exception("request %s failed", request_id_of(scope))
            await problem_response(Request(scope), InternalError())(scope, receive, send)
        except asyncio.CancelledError:
            if not has_started:
                problem = ShuttingDown(headers={"Retry-After": "1"})
                await problem_response(Request(scope), problem)(scope, receive, send)
            raise
