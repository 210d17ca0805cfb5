"""Routes of deliveries and replays."""

from typing import Annotated

from fastapi import Query, Response

from app.core.http.routing import (
    Cursor,
    Limit,
    make_router,
    path_id,
    problems,
)
from app.core.http.schemas import Page
from app.core.problems import CursorInvalid
from app.integrations.webhooks.delivery import service
from app.integrations.webhooks.delivery.lifecycle import DeliveryState
from app.integrations.webhooks.delivery.schemas import (
    Delivery,
    DeliveryWithAttempts,
    Replay,
    ReplayCreate,
)
from app.integrations.webhooks.problems import (
    DeliveryNotFound,
    EndpointNotActive,
    EndpointNotFound,
    ReplayNotFound,
)
from app.integrations.webhooks.subscriptions.router import EndpointIdPath, Manages, Reads
from app.kit import sample_ids
from app.kit.ids import DeliveryId, ReplayId

routes = make_router(tag="Webhooks")

DeliveryIdPath = Annotated[DeliveryId, path_id("a delivery", sample_ids.DELIVERY)]
ReplayIdPath = Annotated[ReplayId, path_id("a replay", sample_ids.REPLAY)]
_State = Annotated[DeliveryState | None, Query(description="Only deliveries in this state.")]


@routes.post(
    "/webhook-endpoints/{endpoint_id}/test",
    status_code=201,
    response_model=Delivery,
    responses=problems(EndpointNotFound, EndpointNotActive),
    summary="Send a test event",
)
async def test_webhook_endpoint(endpoint_id: EndpointIdPath, context: Manages) -> Response:
    """Send an event of type `endpoint.tested` to the endpoint, whatever types it subscribes to."""
    return await context.create("/v1/deliveries/{id}", service.test, endpoint_id)


@routes.get(
    "/webhook-endpoints/{endpoint_id}/deliveries",
    response_model=Page[Delivery],
    responses=problems(EndpointNotFound, CursorInvalid),
    summary="List the deliveries to a webhook endpoint",
)
async def list_deliveries(
    endpoint_id: EndpointIdPath,
    context: Reads,
    state: _State = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """List the deliveries to an endpoint, the newest first."""
    return await context.read(service.list_deliveries, endpoint_id, state, limit, cursor)


@routes.get(
    "/deliveries/{delivery_id}",
    response_model=DeliveryWithAttempts,
    responses=problems(DeliveryNotFound),
    summary="Get a delivery",
)
async def get_delivery(delivery_id: DeliveryIdPath, context: Reads) -> Response:
    """Return a delivery with its attempts: status, duration and beginning of each response."""
    return await context.read(service.show_delivery, delivery_id)


@routes.post(
    "/deliveries/{delivery_id}/replay",
    status_code=201,
    response_model=Delivery,
    responses=problems(DeliveryNotFound, EndpointNotActive),
    summary="Redeliver an event",
)
async def replay_delivery(delivery_id: DeliveryIdPath, context: Manages) -> Response:
    """Send the event of this delivery again, under the same id, by which receivers recognise it."""
    return await context.create("/v1/deliveries/{id}", service.redeliver, delivery_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id}/replays",
    status_code=201,
    response_model=Replay,
    responses=problems(EndpointNotFound, EndpointNotActive),
    summary="Replay a range of events",
)
async def create_replay(
    endpoint_id: EndpointIdPath, body: ReplayCreate, context: Manages
) -> Response:
    """Deliver all events of a range to the endpoint again, in the background.

    `GET /v1/replays/{id}` returns the progress.
    """
    return await context.create("/v1/replays/{id}", service.replay, endpoint_id, body)


@routes.get(
    "/replays/{replay_id}",
    response_model=Replay,
    responses=problems(ReplayNotFound),
    summary="Get a replay",
)
async def get_replay(replay_id: ReplayIdPath, context: Reads) -> Response:
    """Return a replay: how many events were scanned, and how many deliveries were created."""
    return await context.read(service.show_replay, replay_id)
