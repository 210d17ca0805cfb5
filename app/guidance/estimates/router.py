"""Paths of estimates and of the model behind them."""

from typing import Annotated, Any

from fastapi import Header, Response

from app.accounts.request_context import RequestContext, require_scopes
from app.accounts.scopes import Scope
from app.core.http.responses import SVG, prefers_svg
from app.core.http.routing import (
    Cursor,
    Limit,
    make_router,
    problems,
)
from app.core.http.schemas import Page
from app.core.problems import CursorInvalid, StaleVersion
from app.guidance.estimates import service
from app.guidance.estimates.schemas import (
    Calibration,
    Development,
    Estimate,
    EstimateMade,
    ModelCard,
    Sharing,
    WhatIf,
)
from app.tracking.applications.problems import ApplicationNotFound
from app.tracking.applications.router import ApplicationIdPath

routes = make_router(tag="Estimates")

ReadsModel = Annotated[RequestContext, require_scopes(Scope.MODEL_READ)]
Accept = Annotated[str | None, Header(include_in_schema=False)]
# 100 kB: what a picture of some hundred parts takes.
_AS_PICTURE: dict[str, Any] = {
    "responses": {
        "200": {
            "content": {
                SVG: {"schema": {"type": "string", "contentMediaType": SVG, "maxLength": 100_000}}
            }
        }
    }
}
Reads = Annotated[RequestContext, require_scopes(Scope.ESTIMATES_READ)]


@routes.get(
    "/applications/{application_id}/estimate",
    response_model=Estimate,
    responses=problems(ApplicationNotFound),
    openapi_extra=_AS_PICTURE,
    summary="Get the estimate",
)
async def get_estimate(
    application_id: ApplicationIdPath, context: Reads, accept: Accept = None
) -> Response:
    """Show what the recorded signals suggest, and why.

    Baseline, contributions and hold add up exactly to the log-odds. The same inputs under the
    same model give the same estimate for ever. With `Accept: image/svg+xml` the answer is a
    picture of what moved it.
    """
    if prefers_svg(accept or ""):
        answer = await context.read_svg(service.estimate_svg, application_id)
    else:
        answer = await context.read(service.show, application_id)
    return _one_of_two(answer)


@routes.get(
    "/applications/{application_id}/development",
    response_model=Development,
    responses=problems(ApplicationNotFound),
    summary="See how it went from interview to interview",
)
async def get_development(application_id: ApplicationIdPath, context: Reads) -> Response:
    """Show how each signal compares with the interview before, and the estimates over time."""
    return await context.read(service.development, application_id)


@routes.get(
    "/applications/{application_id}/estimates",
    response_model=Page[EstimateMade],
    responses=problems(ApplicationNotFound, CursorInvalid),
    summary="List the estimates that were made",
)
async def list_estimates(
    application_id: ApplicationIdPath,
    context: Reads,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """Show what was believed over time, newest first; none of it is ever changed."""
    return await context.read(service.history, application_id, limit, cursor)


@routes.post(
    "/estimates",
    response_model=Estimate | list[Estimate],
    responses=problems(),
    summary="Try a what-if estimate",
)
async def imagine_estimate(body: WhatIf, context: Reads) -> Response:
    """Estimate interviews that you describe here; nothing is stored.

    With `interviews` the answer is one estimate, with `cases` a list of them.
    """
    return await context.read(service.simulate, body)


@routes.get(
    "/model",
    response_model=ModelCard,
    responses=problems(),
    summary="Get the model card",
)
async def get_model(access: ReadsModel) -> Response:
    """Tell what the model is, where its numbers come from, and what it cannot do."""
    return await access.read(service.model_card)


@routes.get(
    "/model/calibration",
    response_model=Calibration,
    responses=problems(),
    openapi_extra=_AS_PICTURE,
    summary="Were the estimates right?",
)
async def get_calibration(access: ReadsModel, accept: Accept = None) -> Response:
    """Hold what was foretold before an outcome was known against what happened.

    Under 30 outcomes the answer is: not yet. With `Accept: image/svg+xml` it is the
    reliability diagram.
    """
    if prefers_svg(accept or ""):
        answer = await access.read_svg(service.calibration_svg)
    else:
        answer = await access.read(service.calibration)
    return _one_of_two(answer)


@routes.get(
    "/model/sharing",
    response_model=Sharing,
    responses=problems(),
    summary="Does this workspace share what it learns?",
)
async def get_sharing(access: ReadsModel) -> Response:
    """Tell whether sums over this workspace's cases go to others, and theirs come here."""
    return await access.read(service.show_sharing)


@routes.put(
    "/model/sharing",
    response_model=Sharing,
    responses=problems(StaleVersion),
    summary="Share what is learnt, or stop sharing",
)
async def set_sharing(
    body: Sharing, context: Annotated[RequestContext, require_scopes(Scope.MODEL_SHARE)]
) -> Response:
    """Let workspaces that share learn from each other: from sums over many cases, never from one.

    Only an administrator says so, for all of a workspace. Whoever stops is forgotten by the others.
    """
    return await context.write(service.set_sharing, body)


def _one_of_two(answer: Response) -> Response:
    """Have caches keep picture and JSON apart, which stand under one address."""
    answer.headers["Vary"] = "Accept"
    return answer
