"""The HTTP server, and how it stops: first it is not ready, then takes no more calls, then ends."""

import signal
import time
from threading import Event
from types import FrameType

import uvicorn
from fastapi import FastAPI

from app.api.server.protocol import StrictHttpProtocol
from app.core.config.settings import Settings


class DrainingServer(uvicorn.Server):
    """Uvicorn, which after SIGTERM goes on for a while so that callers can be led elsewhere.

    `leaving` is set as soon as the signal comes. A second signal ends the wait.
    """

    def __init__(self, app: FastAPI, settings: Settings, leaving: Event) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,  # its lines are written like ours
                access_log=False,  # it would hold queries
                server_header=False,
                http=StrictHttpProtocol,
                ws="none",  # nothing here speaks it
                proxy_headers=bool(settings.trusted_proxies),
                forwarded_allow_ips=[str(proxy) for proxy in settings.trusted_proxies],
                timeout_graceful_shutdown=settings.stop_seconds,
            )
        )
        self._leaving = leaving
        self._drain_seconds = settings.drain_seconds
        self._ends_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note the signal; end now, or when the callers have had time to notice."""
        is_first = not self._leaving.is_set()
        self._leaving.set()
        if is_first and sig == signal.SIGTERM and self._drain_seconds:
            self._ends_at = time.monotonic() + self._drain_seconds
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Return whether it is time to end; asked ten times a second."""
        if self._ends_at is not None and time.monotonic() >= self._ends_at:
            self._ends_at = None
            super().handle_exit(signal.SIGTERM, None)
        return await super().on_tick(counter)
