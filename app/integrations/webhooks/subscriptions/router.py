"""Paths of endpoints, deliveries and replays, and of what happened."""

from typing import Annotated

from fastapi import Depends, Response

from app.accounts.request_context import RequestContext, require_scopes
from app.accounts.scopes import Scope
from app.core.http.app_state import StateKey
from app.core.http.routing import (
    Cursor,
    Limit,
    make_router,
    path_id,
    problems,
)
from app.core.http.schemas import Page
from app.core.problems import CursorInvalid, MoveNotAllowed, StaleVersion
from app.integrations.webhooks.problems import (
    EndpointNotFound,
    EndpointsTooMany,
    SecretsTooMany,
    TargetUnsuitable,
)
from app.integrations.webhooks.subscriptions import service
from app.integrations.webhooks.subscriptions.schemas import (
    Endpoint,
    EndpointCreate,
    EndpointMade,
    EndpointUpdate,
    SecretRotation,
)
from app.integrations.webhooks.subscriptions.service import EndpointService
from app.kit import sample_ids
from app.kit.ids import EndpointId

routes = make_router(tag="Webhooks")

ENDPOINT_SERVICE: StateKey[EndpointService] = StateKey("endpoint_service")

Endpoints = Annotated[EndpointService, Depends(ENDPOINT_SERVICE)]
Reads = Annotated[RequestContext, require_scopes(Scope.WEBHOOKS_READ)]
Manages = Annotated[RequestContext, require_scopes(Scope.WEBHOOKS_MANAGE)]
EndpointIdPath = Annotated[EndpointId, path_id("an endpoint", sample_ids.ENDPOINT)]


@routes.post(
    "/webhook-endpoints",
    status_code=201,
    response_model=EndpointMade,
    responses=problems(TargetUnsuitable, EndpointsTooMany),
    summary="Have events sent somewhere",
)
async def create_webhook_endpoint(
    body: EndpointCreate, context: Manages, endpoints: Endpoints
) -> Response:
    """Take an endpoint in, which is told of what happens from now on.

    What is sent is signed as Standard Webhooks asks. The secret is in this answer and nowhere
    else: keep it where you keep passwords.
    """
    return await context.create("/v1/webhook-endpoints/{id}", endpoints.create, body)


@routes.get(
    "/webhook-endpoints",
    response_model=Page[Endpoint],
    responses=problems(CursorInvalid),
    summary="List your endpoints",
)
async def list_webhook_endpoints(
    context: Reads, limit: Limit = 20, cursor: Cursor = None
) -> Response:
    """Show where what happens is sent, in the order in which they were taken in."""
    return await context.read(service.list_, limit, cursor)


@routes.get(
    "/webhook-endpoints/{endpoint_id}",
    response_model=Endpoint,
    responses=problems(EndpointNotFound),
    summary="Get an endpoint",
)
async def get_webhook_endpoint(endpoint_id: EndpointIdPath, context: Reads) -> Response:
    """Show one endpoint, and whether it takes what it is sent."""
    return await context.read(service.show, endpoint_id)


@routes.patch(
    "/webhook-endpoints/{endpoint_id}",
    response_model=Endpoint,
    responses=problems(EndpointNotFound, TargetUnsuitable, StaleVersion),
    summary="Change an endpoint",
)
async def update_webhook_endpoint(
    endpoint_id: EndpointIdPath, body: EndpointUpdate, context: Manages, endpoints: Endpoints
) -> Response:
    """Change the fields that are given; what is still to be sent goes where it says then."""
    return await context.write(endpoints.update, endpoint_id, body)


@routes.delete(
    "/webhook-endpoints/{endpoint_id}",
    status_code=204,
    responses=problems(EndpointNotFound, StaleVersion),
    summary="Delete an endpoint",
)
async def delete_webhook_endpoint(endpoint_id: EndpointIdPath, context: Manages) -> Response:
    """Remove an endpoint with its deliveries, for good."""
    return await context.write(service.delete, endpoint_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id}/pause",
    response_model=Endpoint,
    responses=problems(EndpointNotFound, MoveNotAllowed),
    summary="Pause an endpoint",
)
async def pause_webhook_endpoint(endpoint_id: EndpointIdPath, context: Manages) -> Response:
    """Send nothing there until it is resumed; what happens meanwhile waits for that."""
    return await context.write(service.pause, endpoint_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id}/resumption",
    response_model=Endpoint,
    responses=problems(EndpointNotFound, MoveNotAllowed),
    summary="Resume an endpoint",
)
async def resume_webhook_endpoint(endpoint_id: EndpointIdPath, context: Manages) -> Response:
    """Send there again, one that was paused or disabled.

    What happened while it was disabled was not kept for it: `POST …/replays` sends that.
    """
    return await context.write(service.resume, endpoint_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id}/rotation",
    response_model=EndpointMade,
    responses=problems(EndpointNotFound, SecretsTooMany),
    summary="Rotate an endpoint's secret",
)
async def rotate_webhook_secret(
    endpoint_id: EndpointIdPath, body: SecretRotation, context: Manages, endpoints: Endpoints
) -> Response:
    """Make a new secret, shown this once; while they overlap, those before it sign too.

    Should its answer get lost, rotate again: the secret that your receiver has keeps its time.
    """
    return await context.write(endpoints.rotate_secret, endpoint_id, body)
