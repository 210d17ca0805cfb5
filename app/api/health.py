"""Whether the process is alive, and whether it can do its work."""

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


_BEHIND = "The database lacks tables that this version needs: `debrief migrate` makes them."


class NotReady(Problem):
    """The service cannot do its work at the moment. Nothing is lost; try again shortly."""

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
            return "The service is about to stop. Try again shortly."
        try:
            async with asyncio.timeout(self.timeout_seconds):
                lacks_tables = await self.database.readers.run(has_pending_migrations)
        except TimeoutError:
            return "The database does not answer in time. Try again shortly."
        except DBAPIError:
            return "The database does not answer. Try again shortly."
        return _BEHIND if lacks_tables else None


READINESS: StateKey[Readiness] = StateKey("readiness")


class Health(Schema):
    """That the process is alive or ready."""

    status: Literal["ok"] = "ok"


@routes.get(
    "/healthz",
    response_model=Health,
    summary="Is the process alive?",
    responses=problems(keyed=False),
)
async def check_alive() -> Health:
    """Answer as long as the process can answer at all; asks nothing of the database."""
    return Health()


@routes.get(
    "/readyz",
    response_model=Health,
    summary="Can it do its work?",
    responses=problems(NotReady, keyed=False),
)
async def check_ready(readiness: Annotated[Readiness, Depends(READINESS)]) -> Response | Health:
    """Answer once the database has, and has the tables that this version needs."""
    why = await readiness.failure()
    if why is not None:
        raise NotReady(why, headers={"Retry-After": "1"})
    return Health()
