"""Whether the process is alive, and whether it can do its work."""

import asyncio
from http import HTTPStatus
from typing import Literal

from fastapi import Request, Response
from sqlalchemy.exc import DBAPIError
from starlette.datastructures import State

from app.core.http.routing import problems, router
from app.core.http.schemas import Schema
from app.core.persistence.migrations import is_behind
from app.core.problems import Problem

routes = router(prefix="", tag="Service")


_BEHIND = "The database lacks tables that this version needs: `debrief migrate` makes them."


class NotReady(Problem):
    """The service cannot do its work at the moment. Nothing is lost; try again shortly."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Not ready"


class Health(Schema):
    """That the process is alive or ready."""

    status: Literal["ok"] = "ok"


@routes.get(
    "/healthz",
    response_model=Health,
    operation_id="check_alive",
    summary="Is the process alive?",
    responses=problems(keyed=False),
)
async def check_alive() -> Health:
    """Answer as long as the process can answer at all; asks nothing of the database."""
    return Health()


@routes.get(
    "/readyz",
    response_model=Health,
    operation_id="check_ready",
    summary="Can it do its work?",
    responses=problems(NotReady, keyed=False),
)
async def check_ready(request: Request) -> Response | Health:
    """Answer once the database has, and has the tables that this version needs."""
    why = await _what_is_amiss(request.app.state)
    if why is not None:
        raise NotReady(why, headers={"Retry-After": "1"})
    return Health()


async def _what_is_amiss(state: State) -> str | None:
    if state.is_leaving():
        return "The service is about to stop. Try again shortly."
    try:
        async with asyncio.timeout(state.ready_seconds):
            lacks_tables = await state.work.database.readers.run(is_behind)
    except TimeoutError:
        return "The database does not answer in time. Try again shortly."
    except DBAPIError:
        return "The database does not answer. Try again shortly."
    return _BEHIND if lacks_tables else None
