"""Composition root of the API: builds the application from the settings and all packages."""

from asyncio import TaskGroup
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.accounts.authentication import AUTHENTICATOR, Authenticator
from app.accounts.oidc import build_oidc_authenticator
from app.accounts.request_context import IN_FLIGHT_KEYS, RUNNER
from app.accounts.router import LIVE_KEYS
from app.api.application import create_app
from app.api.health import READINESS, Readiness
from app.core.config.settings import Settings
from app.core.http.rate_limiting import RATE_LIMITER, RateLimiter
from app.core.observability.metrics import Metrics
from app.core.observability.telemetry import telemetry
from app.core.persistence.pools import Database
from app.core.security.signing_secret import signing_secret
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import EventHandlers
from app.guidance.estimates.event_handlers import EVENT_HANDLERS as ESTIMATES
from app.guidance.steps.event_handlers import EVENT_HANDLERS as STEPS
from app.integrations.events.sse import STREAM_HUB, StreamHub
from app.integrations.portability.import_stream import IMPORT_LIMITS, Limits
from app.integrations.webhooks.subscriptions.router import ENDPOINT_SERVICE
from app.kit.clock import Clock, system_clock
from app.kit.cursors import CursorSigner
from app.kit.ids import Ids, new_id
from app.reflection.feedback.event_handlers import EVENT_HANDLERS as FEEDBACK
from app.tracking.applications.repository import RECRUITER_OF_APPLICATION
from app.worker import build_endpoint_service, embedded_worker, start_notifier

EVENT_HANDLERS: EventHandlers = {
    kind: (*FEEDBACK.get(kind, ()), *ESTIMATES.get(kind, ()), *STEPS.get(kind, ()))
    for kind in {**FEEDBACK, **ESTIMATES, **STEPS}
}


def build_runner(
    settings: Settings, *, clock: Clock = system_clock, ids: Ids = new_id
) -> UnitOfWorkRunner:
    """Return the unit-of-work runner for the database of the settings."""
    return UnitOfWorkRunner(
        database=Database(settings),
        clock=clock,
        new_id=ids,
        signer=CursorSigner(signing_secret(settings)),
        event_handlers=EVENT_HANDLERS,
        recipient_query=RECRUITER_OF_APPLICATION,
    )


def build_app(
    settings: Settings,
    runner: UnitOfWorkRunner,
    *,
    metrics: Metrics | None = None,
    is_leaving: Callable[[], bool] = bool,
) -> FastAPI:
    """Return the application; it closes the database of the runner when it shuts down.

    `is_leaving` returns whether the process is draining connections before it stops.
    """
    rate_limiter = RateLimiter(settings)
    stream_hub = StreamHub(runner, is_leaving)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        stop_notifier = start_notifier(settings, runner)
        async with TaskGroup() as tasks:
            hub_task = tasks.create_task(stream_hub.run())
            async with embedded_worker(settings, runner):
                yield
            hub_task.cancel()
        stop_notifier()
        runner.database.close_with_timeout(settings.shutdown_timeout_seconds)
        await rate_limiter.close()

    app = create_app(
        settings, runner.new_id, lifespan, metrics=metrics, telemetry=telemetry(settings)
    )
    if metrics is not None:
        metrics.observe_pools(runner.database)
    RUNNER.set(app, runner)
    IN_FLIGHT_KEYS.set(app, set())
    oidc = build_oidc_authenticator(settings, runner)
    AUTHENTICATOR.set(app, Authenticator(runner, settings.key_cache_seconds, oidc))
    LIVE_KEYS.set(app, settings.environment == "production")
    RATE_LIMITER.set(app, rate_limiter)
    READINESS.set(app, Readiness(runner.database, settings.readiness_timeout_seconds, is_leaving))
    IMPORT_LIMITS.set(app, Limits(settings.max_history_bytes, settings.max_body_bytes))
    ENDPOINT_SERVICE.set(app, build_endpoint_service(settings))
    STREAM_HUB.set(app, stream_hub)
    return app
