"""CORS: Starlette's middleware, with refusals as problems."""

from http import HTTPStatus

from fastapi import Request
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

from app.api.problems import problem_response
from app.core.problems import (
    OriginRefused,
)


class ProblemCorsMiddleware(CORSMiddleware):
    """Let pages of the listed origins in; any other is refused by a problem, as everywhere."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what a browser asks beforehand, or pass the request on."""
        if scope["type"] != "http" or not _asks_beforehand(scope):
            await super().__call__(scope, receive, send)
            return
        answer = self.preflight_response(request_headers=Headers(scope=scope))
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            answer = problem_response(Request(scope), OriginRefused(headers={"Vary": "Origin"}))
        await answer(scope, receive, send)


def _asks_beforehand(scope: Scope) -> bool:
    if scope["method"] != "OPTIONS":
        return False
    headers = Headers(scope=scope)
    return "origin" in headers and "access-control-request-method" in headers
