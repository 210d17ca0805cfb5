"""Put the service together: settings, database, unit of work, subscriptions, application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.accounts.access import KeyRing
from app.api.application import create_app
from app.core.database import Database
from app.core.quotas import Quotas
from app.core.secret import signing_secret
from app.core.settings import Settings
from app.core.work import Subscriptions, Work
from app.estimates.subscriptions import SUBSCRIPTIONS as ESTIMATES
from app.kit.clock import Clock, system_clock
from app.kit.cursors import CursorSigner
from app.kit.ids import Ids, new_id

SUBSCRIPTIONS: Subscriptions = {**ESTIMATES}


def build_work(settings: Settings, *, clock: Clock = system_clock, ids: Ids = new_id) -> Work:
    """Return the unit of work over the database that the settings name."""
    return Work(
        database=Database(settings),
        clock=clock,
        new_id=ids,
        signer=CursorSigner(signing_secret(settings)),
        subscriptions=SUBSCRIPTIONS,
    )


def build_app(settings: Settings, work: Work) -> FastAPI:
    """Return the application over this unit of work; it closes the database when it stops."""
    quotas = Quotas(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        work.database.close()
        await quotas.close()

    app = create_app(settings, work.new_id, lifespan)
    app.state.work = work
    app.state.max_body = settings.max_body_bytes
    app.state.max_history = settings.max_history_bytes
    app.state.under_way = set()
    app.state.quotas = quotas
    app.state.live_keys = settings.environment == "production"
    app.state.key_ring = KeyRing(work, settings.key_cache_seconds)
    return app
