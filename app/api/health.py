"""Health checks: liveness of the process, and its readiness to serve requests."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Depends, Response
from sqlalchemy.exc import DBAPIError

from app.core.http.app_state import StateKey
from app.core.http.routing import make_router, problems
from app.core.http.schemas import Schema
from app.core.persistence.migrations import has_pending_migrations
from app.core.persistence.pools import Database
from app.core.problems import Problem

routes = make_router(prefix="", tag="Service")


_NOT_MIGRATED = "The database schema is older than this version needs. Run `debrief migrate`."


class NotReady(Problem):
    """The service is not ready to serve requests. Retry shortly."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Not ready"


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether this process can serve requests."""

    database: Database
    timeout_seconds: float
    is_draining: Callable[[], bool]

    async def failure(self) -> str | None:
        """Return why the process is not ready, or None."""
        if self.is_draining():
            return "The service is shutting down. Retry shortly."
        try:
            async with asyncio.timeout(self.timeout_seconds):
                needs_migration = await self.database.readers.run(has_pending_migrations)
        except TimeoutError:
            return "The database does not respond in time. Retry shortly."
        except DBAPIError:
            return "The database does not respond. Retry shortly."
        return _NOT_MIGRATED if needs_migration else None


READINESS: StateKey[Readiness] = StateKey("readiness")


class Health(Schema):
    """The result of a health check that passed."""

    status: Literal["ok"] = "ok"


@routes.get(
    "/healthz",
    response_model=Health,
    summary="Check liveness",
    responses=problems(keyed=False),
)
async def check_alive() -> Health:
    """Return 200 while the process can respond. Does not use the database."""
    return Health()


@routes.get(
    "/readyz",
    response_model=Health,
    summary="Check readiness",
    responses=problems(NotReady, keyed=False),
)
async def check_ready(readiness: Annotated[Readiness, Depends(READINESS)]) -> Response | Health:
    """Return 200 when the database responds and has the schema that this version needs.

    Otherwise, and while the service shuts down, return 503.
    """
    reason = await readiness.failure()
    if reason is not None:
        raise NotReady(reason, headers={"Retry-After": "1"})
    return Health()
