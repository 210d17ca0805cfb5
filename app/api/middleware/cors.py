"""CORS: Starlette's middleware, which rejects preflight requests with a problem."""

from http import HTTPStatus

from fastapi import Request
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

from app.api.exception_handlers import problem_response
from app.core.problems import (
    OriginRefused,
)


class ProblemCorsMiddleware(CORSMiddleware):
    """Allow requests from the configured origins; reject preflights of others with a problem."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to a preflight request, or pass the request on."""
        if scope["type"] != "http" or not _is_preflight(scope):
            await super().__call__(scope, receive, send)
            return
        response = self.preflight_response(request_headers=Headers(scope=scope))
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            response = problem_response(Request(scope), OriginRefused(headers={"Vary": "Origin"}))
        await response(scope, receive, send)


def _is_preflight(scope: Scope) -> bool:
    if scope["method"] != "OPTIONS":
        return False
    headers = Headers(scope=scope)
    return "origin" in headers and "access-control-request-method" in headers
