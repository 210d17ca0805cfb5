"""Put the service together: settings, database, unit of work, subscriptions, application."""

from asyncio import TaskGroup
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.accounts.authentication import KeyRing
from app.accounts.oidc import sign_in
from app.api.application import create_app
from app.core.config.settings import Settings
from app.core.http.rate_limiting import Quotas
from app.core.observability.metrics import Metrics
from app.core.observability.telemetry import telemetry
from app.core.persistence.pools import Database
from app.core.security.signing_secret import signing_secret
from app.core.unit_of_work.event_handlers import Subscriptions
from app.core.unit_of_work.runner import Work
from app.guidance.estimates.event_handlers import SUBSCRIPTIONS as ESTIMATES
from app.guidance.steps.event_handlers import SUBSCRIPTIONS as STEPS
from app.integrations.events.sse import News
from app.kit.clock import Clock, system_clock
from app.kit.cursors import CursorSigner
from app.kit.ids import Ids, new_id
from app.reflection.feedback.event_handlers import SUBSCRIPTIONS as FEEDBACK
from app.tracking.applications.repository import OPENED_TO
from app.worker import build_registrar, carrying, employing

SUBSCRIPTIONS: Subscriptions = {
    kind: (*FEEDBACK.get(kind, ()), *ESTIMATES.get(kind, ()), *STEPS.get(kind, ()))
    for kind in {**FEEDBACK, **ESTIMATES, **STEPS}
}


def build_work(settings: Settings, *, clock: Clock = system_clock, ids: Ids = new_id) -> Work:
    """Return the unit of work over the database that the settings name."""
    return Work(
        database=Database(settings),
        clock=clock,
        new_id=ids,
        signer=CursorSigner(signing_secret(settings)),
        subscriptions=SUBSCRIPTIONS,
        audience=OPENED_TO,
    )


def build_app(
    settings: Settings,
    work: Work,
    *,
    metrics: Metrics | None = None,
    is_leaving: Callable[[], bool] = bool,
) -> FastAPI:
    """Return the application over this unit of work; it closes the database when it stops.

    `is_leaving` says whether the process was told to stop.
    """
    quotas = Quotas(settings)

    news = News(work, is_leaving)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        stop_carrying = carrying(settings, work)
        async with TaskGroup() as tasks:
            watching = tasks.create_task(news.watch())
            async with employing(settings, work):
                yield
            watching.cancel()
        stop_carrying()
        work.database.close_within(settings.stop_seconds)
        await quotas.close()

    app = create_app(
        settings, work.new_id, lifespan, metrics=metrics, telemetry=telemetry(settings)
    )
    if metrics is not None:
        metrics.watch(work.database)
    app.state.work = work
    app.state.max_body = settings.max_body_bytes
    app.state.max_history = settings.max_history_bytes
    app.state.under_way = set()
    app.state.quotas = quotas
    app.state.live_keys = settings.environment == "production"
    app.state.ready_seconds = settings.ready_seconds
    app.state.is_leaving = is_leaving
    app.state.registrar = build_registrar(settings)
    app.state.news = news
    app.state.key_ring = KeyRing(work, settings.key_cache_seconds, sign_in(settings, work))
    return app
