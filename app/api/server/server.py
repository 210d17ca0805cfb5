"""HTTP server with graceful shutdown.

It first reports that it is not ready, then stops accepting connections, then ends.
"""

import signal
import time
from threading import Event
from types import FrameType

import uvicorn
from fastapi import FastAPI

from app.api.server.protocol import StrictHttpProtocol
from app.core.config.settings import Settings


class DrainingServer(uvicorn.Server):
    """Uvicorn that keeps serving for a while after SIGTERM, so that load balancers notice.

    `stopping` is set as soon as the signal arrives. A second signal ends the wait.
    """

    def __init__(self, app: FastAPI, settings: Settings, stopping: Event) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,  # uvicorn's records use the log format of the service
                access_log=False,  # it would contain query strings
                server_header=False,
                http=StrictHttpProtocol,
                ws="none",  # no operation uses WebSockets
                proxy_headers=bool(settings.trusted_proxies),
                forwarded_allow_ips=[str(proxy) for proxy in settings.trusted_proxies],
                timeout_graceful_shutdown=settings.shutdown_timeout_seconds,
            )
        )
        self._stopping = stopping
        self._drain_seconds = settings.drain_seconds
        self._drained_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle a signal: end now, or after the drain time."""
        is_first = not self._stopping.is_set()
        self._stopping.set()
        if is_first and sig == signal.SIGTERM and self._drain_seconds:
            self._drained_at = time.monotonic() + self._drain_seconds
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Return whether the server must end; called ten times a second."""
        if self._drained_at is not None and time.monotonic() >= self._drained_at:
            self._drained_at = None
            super().handle_exit(signal.SIGTERM, None)
        return await super().on_tick(counter)
