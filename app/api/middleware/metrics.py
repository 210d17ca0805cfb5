"""Measure every request and its answer; only there when somebody collects what is measured."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.http.idempotency import REPLAYED
from app.core.observability.metrics import Metrics

UNMATCHED = "unmatched"  # no operation: an unknown path, or refused before it was looked up

_REPLAYED = REPLAYED.lower().encode()
_NOT_ALLOWED = 405  # the route found then is one of another method


class MetricsMiddleware:
    """Count requests, time them, and weigh what is sent."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count it when its answer has ended."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        status = sent_bytes = 0

        async def weighed(message: Message) -> None:
            nonlocal status, sent_bytes
            if message["type"] == "http.response.start":
                status = message["status"]
                if scope["method"] != "GET" and _is_replay(message):
                    self.metrics.replays += 1
            else:
                sent_bytes += len(message.get("body", b""))
            await send(message)

        self.metrics.in_flight += 1
        try:
            await self.app(scope, receive, weighed)
        finally:
            self.metrics.in_flight -= 1
            self.metrics.record_response(
                _operation(scope, status),
                scope["method"],
                status,
                perf_counter() - began,
                sent_bytes,
            )


def _operation(scope: Scope, status: int) -> str:
    route = scope.get("route")
    if route is None or status == _NOT_ALLOWED:
        return UNMATCHED
    return str(getattr(route, "operation_id", None) or route.name)


def _is_replay(message: Message) -> bool:
    return any(name == _REPLAYED for name, _ in message["headers"])
