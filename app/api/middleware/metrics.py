"""Request metrics: count, duration and size of responses; installed when metrics are enabled."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.http.idempotency import REPLAYED
from app.core.observability.metrics import Metrics

UNMATCHED = "unmatched"  # no operation: an unknown path, or rejected before routing

_REPLAYED = REPLAYED.lower().encode()
_NOT_ALLOWED = 405  # the matched route then belongs to another method


class MetricsMiddleware:
    """Record the status, duration and bytes sent of every request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and record it when its response has ended."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started_at = perf_counter()
        status = sent_bytes = 0

        async def send_and_measure(message: Message) -> None:
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
            await self.app(scope, receive, send_and_measure)
        finally:
            self.metrics.in_flight -= 1
            self.metrics.record_response(
                _operation(scope, status),
                scope["method"],
                status,
                perf_counter() - started_at,
                sent_bytes,
            )


def _operation(scope: Scope, status: int) -> str:
    route = scope.get("route")
    if route is None or status == _NOT_ALLOWED:
        return UNMATCHED
    return str(getattr(route, "operation_id", None) or route.name)


def _is_replay(message: Message) -> bool:
    return any(name == _REPLAYED for name, _ in message["headers"])
