"""Rate limiting: 429 with `Retry-After`, and `RateLimit` headers on every response."""

from http import HTTPStatus
from ipaddress import IPv6Address, IPv6Network

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.accounts.authentication import AUTHENTICATOR
from app.api.exception_handlers import problem_response
from app.core.http.rate_limiting import RATE_LIMITER
from app.core.problems import (
    RateLimitExceeded,
)

RATE_LIMIT_EXEMPT_PATHS = frozenset({"/healthz", "/readyz"})  # polled by orchestrators

_SUBSCRIBER_PREFIX = 64  # bits that all IPv6 addresses of one subscriber share


class RateLimitMiddleware:
    """Count requests by caller, add `RateLimit` headers, and reject requests over the limit.

    An authenticated request counts for its member, independently of other clients at the same
    address. Any other request counts for its client address, so that guessing keys is limited too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or respond with 429."""
        if scope["type"] != "http" or scope["path"] in RATE_LIMIT_EXEMPT_PATHS:
            await self.app(scope, receive, send)
            return
        limiter = RATE_LIMITER.of(scope)
        counter = await _counter_name(scope)
        status = await limiter.hit(counter)
        if status is None:
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                is_free = message["status"] == HTTPStatus.NOT_MODIFIED
                if is_free:
                    await limiter.refund(counter)
                headers = (status.after_refund() if is_free else status).headers
                message["headers"] = [
                    *message["headers"],
                    *((name.lower().encode(), text.encode()) for name, text in headers.items()),
                ]
            await send(message)

        if status.is_exceeded:
            retry_after = {"Retry-After": str(max(1, status.resets_in))}
            response = problem_response(Request(scope), RateLimitExceeded(headers=retry_after))
            await response(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)


async def _counter_name(scope: Scope) -> str:
    caller = await AUTHENTICATOR.of(scope).authenticate_optional(scope)
    if caller is not None:
        return f"member:{caller.workspace_id}:{caller.member_id}"
    client = scope.get("client")
    return f"address:{_network(client[0]) if client else ''}"


def _network(address: str) -> str:
    """Return an IPv4 address as it is, and the /64 network of an IPv6 address.

    One IPv6 subscriber usually has all 2**64 addresses of such a network.
    """
    try:
        ipv6 = IPv6Address(address)
    except ValueError:
        return address
    return str(ipv6.ipv4_mapped or IPv6Network((int(ipv6), _SUBSCRIBER_PREFIX), strict=False))
