"""Routes of estimates, and of their model: model card, calibration, sharing."""

from typing import Annotated, Any

from fastapi import Response

from app.accounts.request_context import RequestContext, require_scopes
from app.accounts.scopes import Scope
from app.core.http.responses import SVG
from app.core.http.routing import (
    Cursor,
    Limit,
    make_router,
    problems,
)
from app.core.http.schemas import Page
from app.core.problems import CursorInvalid, PreconditionFailed
from app.guidance.estimates import service
from app.guidance.estimates.schemas import (
    Calibration,
    Development,
    Estimate,
    ModelCard,
    Sharing,
    SimulationCreate,
    StoredEstimate,
)
from app.tracking.applications.problems import ApplicationNotFound
from app.tracking.applications.router import ApplicationIdPath

routes = make_router(tag="Estimates")

ReadsModel = Annotated[RequestContext, require_scopes(Scope.MODEL_READ)]
# 100 kB: the size of a chart with some hundred bars.
_SVG_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The chart.",
        "content": {
            SVG: {"schema": {"type": "string", "contentMediaType": SVG, "maxLength": 100_000}}
        },
    }
}
Reads = Annotated[RequestContext, require_scopes(Scope.ESTIMATES_READ)]


@routes.get(
    "/applications/{application_id}/estimate",
    response_model=Estimate,
    responses=problems(ApplicationNotFound),
    summary="Get the estimate",
)
async def get_estimate(application_id: ApplicationIdPath, context: Reads) -> Response:
    """Return the estimated probability of an offer from the recorded signals, with its explanation.

    Baseline, contributions and `shrinkage` add up exactly to the log-odds. The same inputs
    and the same model always give the same estimate.
    """
    return await context.read(service.show, application_id)


@routes.get(
    "/applications/{application_id}/estimate/chart",
    response_class=Response,
    responses=problems(ApplicationNotFound) | _SVG_RESPONSE,
    summary="Get the chart of the estimate",
)
async def get_estimate_chart(application_id: ApplicationIdPath, context: Reads) -> Response:
    """Return a bar chart of the contributions, as SVG with a text alternative."""
    return await context.read_svg(service.estimate_svg, application_id)


@routes.get(
    "/applications/{application_id}/development",
    response_model=Development,
    responses=problems(ApplicationNotFound),
    summary="Get the development of an application",
)
async def get_development(application_id: ApplicationIdPath, context: Reads) -> Response:
    """Return how each signal compares with the interview before, and the estimates over time."""
    return await context.read(service.development, application_id)


@routes.get(
    "/applications/{application_id}/estimates",
    response_model=Page[StoredEstimate],
    responses=problems(ApplicationNotFound, CursorInvalid),
    summary="List the estimates of an application",
)
async def list_estimates(
    application_id: ApplicationIdPath,
    context: Reads,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """Return the stored estimates, newest first. Stored estimates never change."""
    return await context.read(service.history, application_id, limit, cursor)


@routes.post(
    "/estimates",
    response_model=Estimate | list[Estimate],
    responses=problems(),
    summary="Simulate an estimate",
)
async def simulate_estimate(body: SimulationCreate, context: Reads) -> Response:
    """Estimate hypothetical interviews. Nothing is stored.

    With `interviews` the response is one estimate, with `cases` a list of estimates.
    """
    return await context.read(service.simulate, body)


@routes.get(
    "/model",
    response_model=ModelCard,
    responses=problems(),
    summary="Get the model card",
)
async def get_model(access: ReadsModel) -> Response:
    """Return what the model is, its parameters and their sources, and its limitations."""
    return await access.read(service.model_card)


@routes.get(
    "/model/calibration",
    response_model=Calibration,
    responses=problems(),
    summary="Get the calibration",
)
async def get_calibration(access: ReadsModel) -> Response:
    """Compare forecasts, frozen before the outcome was known, with the outcomes.

    With fewer than 30 outcomes `result` is null.
    """
    return await access.read(service.calibration)


@routes.get(
    "/model/calibration/chart",
    response_class=Response,
    responses=problems() | _SVG_RESPONSE,
    summary="Get the chart of the calibration",
)
async def get_calibration_chart(access: ReadsModel) -> Response:
    """Return a reliability diagram, as SVG with a text alternative."""
    return await access.read_svg(service.calibration_svg)


@routes.get(
    "/model/sharing",
    response_model=Sharing,
    responses=problems(),
    summary="Get the model sharing setting",
)
async def get_sharing(access: ReadsModel) -> Response:
    """Return whether this workspace exchanges sums over its cases with other workspaces."""
    return await access.read(service.show_sharing)


@routes.put(
    "/model/sharing",
    response_model=Sharing,
    responses=problems(PreconditionFailed),
    summary="Update the model sharing setting",
)
async def set_sharing(
    body: Sharing, context: Annotated[RequestContext, require_scopes(Scope.MODEL_SHARE)]
) -> Response:
    """Start or stop sharing. Workspaces that share learn from sums over each other's cases.

    Only an administrator can set it, for the whole workspace. No single case is shared. When a
    workspace stops sharing, the models of the others are trained again without its sums.
    """
    return await context.write(service.set_sharing, body)
