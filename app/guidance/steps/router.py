"""Paths of steps."""

from typing import Annotated

from fastapi import Query, Response

from app.accounts.request_context import RequestContext, require_scopes
from app.accounts.scopes import Scope
from app.core.http.routing import (
    Cursor,
    Limit,
    make_router,
    path_id,
    problems,
)
from app.core.http.schemas import Page
from app.core.problems import CursorInvalid, MoveNotAllowed, StaleVersion
from app.guidance.steps import service
from app.guidance.steps.lifecycle import Move, StepState
from app.guidance.steps.problems import StepNotFound
from app.guidance.steps.schemas import DueFilter, Step
from app.kit import sample_ids
from app.kit.ids import ApplicationId, StepId, pattern

routes = make_router(tag="Steps")

Reads = Annotated[RequestContext, require_scopes(Scope.STEPS_READ)]
Writes = Annotated[RequestContext, require_scopes(Scope.STEPS_WRITE)]
StepIdPath = Annotated[StepId, path_id("a step", sample_ids.STEP)]
_OfApplication = Annotated[
    ApplicationId | None,
    Query(
        pattern=pattern("app"),
        max_length=len(sample_ids.APPLICATION),
        description="Only those of this application.",
    ),
]


@routes.get(
    "/steps",
    response_model=Page[Step],
    responses=problems(CursorInvalid),
    summary="List what is due next",
)
async def list_steps(
    context: Reads,
    application: _OfApplication = None,
    state: Annotated[StepState | None, Query(description="Only those in this state.")] = None,
    due: Annotated[
        DueFilter | None,
        Query(description="Only open steps: those due by `now`, or those due `later`."),
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """Show the steps of the guide that are to be taken, or were, by the time they are due."""
    return await context.read(
        service.list_, application=application, state=state, due=due, limit=limit, cursor=cursor
    )


@routes.get(
    "/steps/{step_id}",
    response_model=Step,
    responses=problems(StepNotFound),
    summary="Get a step",
)
async def get_step(step_id: StepIdPath, context: Reads) -> Response:
    """Show one step: what to do, what for, and by when."""
    return await context.read(service.show, step_id)


_SETTLED = problems(StepNotFound, MoveNotAllowed, StaleVersion)


@routes.post(
    "/steps/{step_id}/completion",
    response_model=Step,
    responses=_SETTLED,
    summary="Step done",
)
async def complete_step(step_id: StepIdPath, context: Writes) -> Response:
    """Say that it is done, also one that you had dismissed.

    What the service sees for itself is done without a word: a report sent to the recruiter,
    feedback asked for, signals recorded, referees warned and thanked.
    """
    return await context.write(service.transition, step_id, Move.COMPLETE)


@routes.post(
    "/steps/{step_id}/dismissal",
    response_model=Step,
    responses=_SETTLED,
    summary="Leave a step",
)
async def dismiss_step(step_id: StepIdPath, context: Writes) -> Response:
    """Say that you are not going to do it; it is not brought up again."""
    return await context.write(service.transition, step_id, Move.DISMISS)
