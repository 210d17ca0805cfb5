"""Put the service together: settings, database, unit of work, subscriptions, application."""

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
from app.core.unit_of_work.event_handlers import EventHandlers
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.guidance.estimates.event_handlers import SUBSCRIPTIONS as ESTIMATES
from app.guidance.steps.event_handlers import SUBSCRIPTIONS as STEPS
from app.integrations.events.sse import STREAM_HUB, StreamHub
from app.integrations.portability.import_stream import IMPORT_LIMITS, Limits
from app.integrations.webhooks.subscriptions.router import ENDPOINT_SERVICE
from app.kit.clock import Clock, system_clock
from app.kit.cursors import CursorSigner
from app.kit.ids import Ids, new_id
from app.reflection.feedback.event_handlers import SUBSCRIPTIONS as FEEDBACK
from app.tracking.applications.repository import RECRUITER_OF_APPLICATION
from app.worker import build_registrar, embedded_worker, start_notifier

SUBSCRIPTIONS: EventHandlers = {
    kind: (*FEEDBACK.get(kind, ()), *ESTIMATES.get(kind, ()), *STEPS.get(kind, ()))
    for kind in {**FEEDBACK, **ESTIMATES, **STEPS}
}


def build_work(
    settings: Settings, *, clock: Clock = system_clock, ids: Ids = new_id
) -> UnitOfWorkRunner:
    """Return the unit of work over the database that the settings name."""
    return UnitOfWorkRunner(
        database=Database(settings),
        clock=clock,
        new_id=ids,
        signer=CursorSigner(signing_secret(settings)),
        subscriptions=SUBSCRIPTIONS,
        audience=RECRUITER_OF_APPLICATION,
    )


def build_app(
    settings: Settings,
    work: UnitOfWorkRunner,
    *,
    metrics: Metrics | None = None,
    is_leaving: Callable[[], bool] = bool,
) -> FastAPI:
    """Return the application over this unit of work; it closes the database when it stops.

    `is_leaving` says whether the process was told to stop.
    """
    quotas = RateLimiter(settings)

    news = StreamHub(work, is_leaving)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        stop_carrying = start_notifier(settings, work)
        async with TaskGroup() as tasks:
            watching = tasks.create_task(news.watch())
            async with embedded_worker(settings, work):
                yield
            watching.cancel()
        stop_carrying()
        work.database.close_with_timeout(settings.stop_seconds)
        await quotas.close()

    app = create_app(
        settings, work.new_id, lifespan, metrics=metrics, telemetry=telemetry(settings)
    )
    if metrics is not None:
        metrics.observe_pools(work.database)
    RUNNER.set(app, work)
    IN_FLIGHT_KEYS.set(app, set())
    AUTHENTICATOR.set(
        app,
        Authenticator(work, settings.key_cache_seconds, build_oidc_authenticator(settings, work)),
    )
    LIVE_KEYS.set(app, settings.environment == "production")
    RATE_LIMITER.set(app, quotas)
    READINESS.set(app, Readiness(work.database, settings.ready_seconds, is_leaving))
    IMPORT_LIMITS.set(app, Limits(settings.max_history_bytes, settings.max_body_bytes))
    ENDPOINT_SERVICE.set(app, build_registrar(settings))
    STREAM_HUB.set(app, news)
    return app
