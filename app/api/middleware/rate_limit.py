"""Rate limiting: 429 with `Retry-After`, and `RateLimit` headers on every response."""

from http import HTTPStatus
from ipaddress import IPv6Address, IPv6Network

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.accounts.authentication import AUTHENTICATOR
from app.api.problems import problem_response
from app.core.http.rate_limiting import RATE_LIMITER
from app.core.problems import (
    QuotaExceeded,
)

RATE_LIMIT_EXEMPT_PATHS = frozenset(
    {"/healthz", "/readyz"}
)  # asked by machines that look after this one

_HOUSEHOLD = 64  # bits that are the same in all addresses of one IPv6 subscriber


class RateLimitMiddleware:
    """Count each call to its caller, tell every answer how they stand, and refuse what is too much.

    A valid key counts for its member, whatever strangers do at the same address. Everything else
    counts for the address it comes from, so that guessing at keys gains nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        if scope["type"] != "http" or scope["path"] in RATE_LIMIT_EXEMPT_PATHS:
            await self.app(scope, receive, send)
            return
        quotas = RATE_LIMITER.of(scope)
        holder = await _holder(scope)
        standing = await quotas.hit(holder)
        if standing is None:
            await self.app(scope, receive, send)
            return

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                is_free = message["status"] == HTTPStatus.NOT_MODIFIED
                if is_free:
                    await quotas.refund(holder)
                told = (standing.after_refund() if is_free else standing).headers
                message["headers"] = [
                    *message["headers"],
                    *((name.lower().encode(), text.encode()) for name, text in told.items()),
                ]
            await send(message)

        if standing.is_exceeded:
            wait = {"Retry-After": str(max(1, standing.resets_in))}
            refusal = problem_response(Request(scope), QuotaExceeded(headers=wait))
            await refusal(scope, receive, telling)
            return
        await self.app(scope, receive, telling)


async def _holder(scope: Scope) -> str:
    caller = await AUTHENTICATOR.of(scope).authenticate_optional(scope)
    if caller is not None:
        return f"member:{caller.workspace_id}:{caller.member_id}"
    client = scope.get("client")
    return f"address:{_network(client[0]) if client else ''}"


def _network(address: str) -> str:
    """Return the address; of IPv6 the network, since one household has 2**64 addresses there."""
    try:
        whole = IPv6Address(address)
    except ValueError:
        return address
    return str(whole.ipv4_mapped or IPv6Network((int(whole), _HOUSEHOLD), strict=False))
