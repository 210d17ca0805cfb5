"""Routes of steps."""

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
from app.core.problems import CursorInvalid, InvalidTransition, PreconditionFailed
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
        description="Only steps of this application.",
    ),
]


@routes.get(
    "/steps",
    response_model=Page[Step],
    responses=problems(CursorInvalid),
    summary="List steps",
)
async def list_steps(
    context: Reads,
    application: _OfApplication = None,
    state: Annotated[StepState | None, Query(description="Only steps in this state.")] = None,
    due: Annotated[
        DueFilter | None,
        Query(description="Only open steps: due by `now`, or due `later`."),
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """Return your steps, ordered by due time."""
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
    """Return one step: what to do, why, and by when."""
    return await context.read(service.show, step_id)


_SETTLED = problems(StepNotFound, InvalidTransition, PreconditionFailed)


@routes.post(
    "/steps/{step_id}/completion",
    response_model=Step,
    responses=_SETTLED,
    summary="Complete a step",
)
async def complete_step(step_id: StepIdPath, context: Writes) -> Response:
    """Mark a step as done. A dismissed step can be completed too.

    Steps that the service can detect are completed automatically: a report sent to the recruiter,
    feedback requested, signals recorded, referees notified and thanked.
    """
    return await context.write(service.transition, step_id, Move.COMPLETE)


@routes.post(
    "/steps/{step_id}/dismissal",
    response_model=Step,
    responses=_SETTLED,
    summary="Dismiss a step",
)
async def dismiss_step(step_id: StepIdPath, context: Writes) -> Response:
    """Mark a step as dismissed: you will not do it. It is not shown as due again."""
    return await context.write(service.transition, step_id, Move.DISMISS)
