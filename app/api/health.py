"""Whether the process is alive, and whether it can do its work."""

from http import HTTPStatus
from typing import Literal

from fastapi import Request, Response
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core.problems import Problem
from app.core.routing import problems, router
from app.core.schemas import Schema

routes = router(prefix="", tag="Service")


class NotReady(Problem):
    """The database does not answer at the moment. Nothing is lost; try again shortly."""

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
    """Answer once the database has answered."""
    try:
        await request.app.state.work.database.readers.run(
            lambda connection: connection.execute(text("SELECT 1")).scalar_one()
        )
    except DBAPIError:
        raise NotReady(headers={"Retry-After": "1"}) from None
    return Health()
