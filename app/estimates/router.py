"""Paths of estimates and of the model behind them."""

from typing import Annotated

from fastapi import Response

from app.accounts.access import Access, needs
from app.accounts.scopes import Scope
from app.applications.problems import ApplicationNotFound
from app.applications.router import Identity as ApplicationIdentity
from app.core.problems import CursorInvalid
from app.core.routing import Cursor, Limit, problems, router
from app.core.schemas import Page
from app.estimates import service
from app.estimates.schemas import Estimate, EstimateMade, ModelCard, WhatIf

routes = router(tag="Estimates")

Reads = Annotated[Access, needs(Scope.ESTIMATES_READ)]


@routes.get(
    "/applications/{application_id}/estimate",
    response_model=Estimate,
    responses=problems(ApplicationNotFound),
    operation_id="get_estimate",
    summary="Get the estimate",
)
async def get_estimate(application_id: ApplicationIdentity, access: Reads) -> Response:
    """Show what the recorded signals suggest, and why.

    The contributions and the baseline add up exactly to the log-odds. The same
    inputs give the same estimate for ever.
    """
    return await access.read(service.show, application_id)


@routes.get(
    "/applications/{application_id}/estimates",
    response_model=Page[EstimateMade],
    responses=problems(ApplicationNotFound, CursorInvalid),
    operation_id="list_estimates",
    summary="List the estimates that were made",
)
async def list_estimates(
    application_id: ApplicationIdentity,
    access: Reads,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """Show what was believed over time, newest first; none of it is ever changed."""
    return await access.read(service.history, application_id, limit, cursor)


@routes.post(
    "/estimates",
    response_model=Estimate | list[Estimate],
    responses=problems(),
    operation_id="imagine_estimate",
    summary="Try a what-if estimate",
)
async def imagine_estimate(body: WhatIf, access: Reads) -> Response:
    """Estimate interviews that you describe here; nothing is stored.

    With `interviews` the answer is one estimate, with `cases` a list of them.
    """
    return await access.read(service.imagine, body)


@routes.get(
    "/model",
    response_model=ModelCard,
    responses=problems(),
    operation_id="get_model",
    summary="Get the model card",
)
async def get_model(access: Annotated[Access, needs(Scope.MODEL_READ)]) -> Response:
    """Tell what the model is, where its numbers come from, and what it cannot do."""
    return await access.read(service.model_card)
