"""Routes of webhook endpoints."""

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
from app.core.problems import CursorInvalid, InvalidTransition, PreconditionFailed
from app.integrations.webhooks.problems import (
    EndpointNotFound,
    InvalidTargetUrl,
    TooManyEndpoints,
    TooManySecrets,
)
from app.integrations.webhooks.subscriptions import service
from app.integrations.webhooks.subscriptions.schemas import (
    Endpoint,
    EndpointCreate,
    EndpointUpdate,
    EndpointWithSecret,
    SecretRotationCreate,
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
    response_model=EndpointWithSecret,
    responses=problems(InvalidTargetUrl, TooManyEndpoints),
    summary="Create a webhook endpoint",
)
async def create_webhook_endpoint(
    body: EndpointCreate, context: Manages, endpoints: Endpoints
) -> Response:
    """Create an endpoint: events that occur from now on are sent to its URL.

    Messages are signed as Standard Webhooks specifies. The secret is in this response only: store
    it where you store passwords.
    """
    return await context.create("/v1/webhook-endpoints/{id}", endpoints.create, body)


@routes.get(
    "/webhook-endpoints",
    response_model=Page[Endpoint],
    responses=problems(CursorInvalid),
    summary="List webhook endpoints",
)
async def list_webhook_endpoints(
    context: Reads, limit: Limit = 20, cursor: Cursor = None
) -> Response:
    """List your endpoints, in the order in which they were created."""
    return await context.read(service.list_, limit, cursor)


@routes.get(
    "/webhook-endpoints/{endpoint_id}",
    response_model=Endpoint,
    responses=problems(EndpointNotFound),
    summary="Get a webhook endpoint",
)
async def get_webhook_endpoint(endpoint_id: EndpointIdPath, context: Reads) -> Response:
    """Return an endpoint, and whether its deliveries are failing."""
    return await context.read(service.show, endpoint_id)


@routes.patch(
    "/webhook-endpoints/{endpoint_id}",
    response_model=Endpoint,
    responses=problems(EndpointNotFound, InvalidTargetUrl, PreconditionFailed),
    summary="Update a webhook endpoint",
)
async def update_webhook_endpoint(
    endpoint_id: EndpointIdPath, body: EndpointUpdate, context: Manages, endpoints: Endpoints
) -> Response:
    """Change the fields that are sent; pending deliveries go to the new URL."""
    return await context.write(endpoints.update, endpoint_id, body)


@routes.delete(
    "/webhook-endpoints/{endpoint_id}",
    status_code=204,
    responses=problems(EndpointNotFound, PreconditionFailed),
    summary="Delete a webhook endpoint",
)
async def delete_webhook_endpoint(endpoint_id: EndpointIdPath, context: Manages) -> Response:
    """Delete an endpoint and its deliveries, permanently."""
    return await context.write(service.delete, endpoint_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id}/pause",
    response_model=Endpoint,
    responses=problems(EndpointNotFound, InvalidTransition),
    summary="Pause a webhook endpoint",
)
async def pause_webhook_endpoint(endpoint_id: EndpointIdPath, context: Manages) -> Response:
    """Stop deliveries to an endpoint until it is resumed; events that occur meanwhile wait."""
    return await context.write(service.pause, endpoint_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id}/resumption",
    response_model=Endpoint,
    responses=problems(EndpointNotFound, InvalidTransition),
    summary="Resume a webhook endpoint",
)
async def resume_webhook_endpoint(endpoint_id: EndpointIdPath, context: Manages) -> Response:
    """Resume deliveries to an endpoint that was paused or disabled.

    Events that occurred while it was disabled are not sent: use `POST …/replays` for them.
    """
    return await context.write(service.resume, endpoint_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id}/rotation",
    response_model=EndpointWithSecret,
    responses=problems(EndpointNotFound, TooManySecrets),
    summary="Rotate the secret of a webhook endpoint",
)
async def rotate_webhook_secret(
    endpoint_id: EndpointIdPath, body: SecretRotationCreate, context: Manages, endpoints: Endpoints
) -> Response:
    """Create a new secret, which is shown once; during the overlap the previous ones sign too.

    If the response is lost, rotate again: the secret that your receiver has keeps its expiry.
    """
    return await context.write(endpoints.rotate_secret, endpoint_id, body)
