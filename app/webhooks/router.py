"""Paths of endpoints, deliveries and replays, and of what happened."""

from typing import Annotated, Any

from fastapi import Header, Query, Request, Response

from app.accounts.access import Access, needs
from app.accounts.scopes import Scope
from app.core import samples
from app.core.problems import CursorInvalid, MoveNotAllowed, StaleVersion
from app.core.routing import Cursor, Limit, path_id, problems, router
from app.core.schemas import Page
from app.kit.ids import DeliveryId, EndpointId, ReplayId, length, pattern
from app.webhooks import live, service
from app.webhooks.catalogue import EventType
from app.webhooks.lifecycle import DeliveryState
from app.webhooks.problems import (
    DeliveryNotFound,
    EndpointNotActive,
    EndpointNotFound,
    EndpointsTooMany,
    EventUnknown,
    ReplayNotFound,
    SecretsTooMany,
    TargetUnsuitable,
)
from app.webhooks.schemas import (
    Delivery,
    DeliveryWithAttempts,
    Endpoint,
    EndpointCreate,
    EndpointMade,
    EndpointUpdate,
    Event,
    Replay,
    ReplayCreate,
    SecretRotation,
)

routes = router(tag="Webhooks")
feed = router(tag="Events")

Reads = Annotated[Access, needs(Scope.WEBHOOKS_READ)]
Manages = Annotated[Access, needs(Scope.WEBHOOKS_MANAGE)]
Hears = Annotated[Access, needs(Scope.EVENTS_READ)]
Identity = Annotated[EndpointId, path_id("an endpoint", samples.ENDPOINT)]
Turned = Annotated[EndpointId, path_id("an endpoint to turn over", samples.ENDPOINT_TO_TURN)]
Spare = Annotated[EndpointId, path_id("a spare endpoint", samples.ENDPOINT_TO_DELETE)]
DeliveryIdentity = Annotated[DeliveryId, path_id("a delivery", samples.DELIVERY)]
ReplayIdentity = Annotated[ReplayId, path_id("a replay", samples.REPLAY)]
_Type = Annotated[EventType | None, Query(description="Only events of this type.")]
_Subject = Annotated[
    str | None,
    Query(
        max_length=40,
        description="Only events about this resource, by its id.",
        pattern="^[a-z]+_[0-9a-z]{26}$",
    ),
]
_State = Annotated[DeliveryState | None, Query(description="Only deliveries in this state.")]
_LastEvent = Annotated[
    str | None,
    Header(
        description="The `id` of the last event you have seen: the stream goes on after it.",
        max_length=length("evt"),
        json_schema_extra={"pattern": pattern("evt")},
    ),
]
_STREAM: dict[str, Any] = {
    "responses": {
        "200": {
            "content": {
                live.MEDIA_TYPE: {
                    "schema": {
                        "type": "string",
                        "description": "Each event with its `id`, its type as `event`, and as "
                        "`data` what `GET /v1/events` shows of it.",
                        "contentMediaType": live.MEDIA_TYPE,
                        "maxLength": 2**31 - 1,
                    }
                }
            }
        }
    }
}


@routes.post(
    "/webhook-endpoints",
    status_code=201,
    response_model=EndpointMade,
    responses=problems(TargetUnsuitable, EndpointsTooMany),
    operation_id="create_webhook_endpoint",
    summary="Have events sent somewhere",
)
async def create_webhook_endpoint(
    body: EndpointCreate, access: Manages, request: Request
) -> Response:
    """Take an endpoint in, which is told of what happens from now on.

    What is sent is signed as Standard Webhooks asks. The secret is in this answer and nowhere
    else: keep it where you keep passwords.
    """
    registrar = request.app.state.registrar
    return await access.create("/v1/webhook-endpoints/{id}", registrar.register, body)


@routes.get(
    "/webhook-endpoints",
    response_model=Page[Endpoint],
    responses=problems(CursorInvalid),
    operation_id="list_webhook_endpoints",
    summary="List your endpoints",
)
async def list_webhook_endpoints(
    access: Reads, limit: Limit = 20, cursor: Cursor = None
) -> Response:
    """Show where what happens is sent, in the order in which they were taken in."""
    return await access.read(service.list_, limit, cursor)


@routes.get(
    "/webhook-endpoints/{endpoint_id}",
    response_model=Endpoint,
    responses=problems(EndpointNotFound),
    operation_id="get_webhook_endpoint",
    summary="Get an endpoint",
)
async def get_webhook_endpoint(endpoint_id: Identity, access: Reads) -> Response:
    """Show one endpoint, and whether it takes what it is sent."""
    return await access.read(service.show, endpoint_id)


@routes.patch(
    "/webhook-endpoints/{endpoint_id}",
    response_model=Endpoint,
    responses=problems(EndpointNotFound, TargetUnsuitable, StaleVersion),
    operation_id="update_webhook_endpoint",
    summary="Change an endpoint",
)
async def update_webhook_endpoint(
    endpoint_id: Identity, body: EndpointUpdate, access: Manages, request: Request
) -> Response:
    """Change the fields that are given; what is still to be sent goes where it says then."""
    return await access.write(request.app.state.registrar.revise, endpoint_id, body)


@routes.delete(
    "/webhook-endpoints/{endpoint_id}",
    status_code=204,
    responses=problems(EndpointNotFound, StaleVersion),
    operation_id="delete_webhook_endpoint",
    summary="Delete an endpoint",
)
async def delete_webhook_endpoint(endpoint_id: Spare, access: Manages) -> Response:
    """Remove an endpoint with its deliveries, for good."""
    return await access.write(service.remove, endpoint_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id}/pause",
    response_model=Endpoint,
    responses=problems(EndpointNotFound, MoveNotAllowed),
    operation_id="pause_webhook_endpoint",
    summary="Pause an endpoint",
)
async def pause_webhook_endpoint(endpoint_id: Turned, access: Manages) -> Response:
    """Send nothing there until it is resumed; what happens meanwhile waits for that."""
    return await access.write(service.pause, endpoint_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id}/resumption",
    response_model=Endpoint,
    responses=problems(EndpointNotFound, MoveNotAllowed),
    operation_id="resume_webhook_endpoint",
    summary="Resume an endpoint",
)
async def resume_webhook_endpoint(endpoint_id: Turned, access: Manages) -> Response:
    """Send there again, one that was paused or disabled.

    What happened while it was disabled was not kept for it: `POST …/replays` sends that.
    """
    return await access.write(service.resume, endpoint_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id}/rotation",
    response_model=EndpointMade,
    responses=problems(EndpointNotFound, SecretsTooMany),
    operation_id="rotate_webhook_secret",
    summary="Rotate an endpoint's secret",
)
async def rotate_webhook_secret(
    endpoint_id: Turned, body: SecretRotation, access: Manages, request: Request
) -> Response:
    """Make a new secret, shown this once; while they overlap, those before it sign too.

    Should its answer get lost, rotate again: the secret that your receiver has keeps its time.
    """
    return await access.write(request.app.state.registrar.rotate, endpoint_id, body)


@routes.post(
    "/webhook-endpoints/{endpoint_id}/test",
    status_code=201,
    response_model=Delivery,
    responses=problems(EndpointNotFound, EndpointNotActive),
    operation_id="test_webhook_endpoint",
    summary="Send a test event",
)
async def test_webhook_endpoint(endpoint_id: Identity, access: Manages) -> Response:
    """Send an event of type `endpoint.tested` there, whatever types it takes."""
    return await access.create("/v1/deliveries/{id}", service.test, endpoint_id)


@routes.get(
    "/webhook-endpoints/{endpoint_id}/deliveries",
    response_model=Page[Delivery],
    responses=problems(EndpointNotFound, CursorInvalid),
    operation_id="list_deliveries",
    summary="List deliveries",
)
async def list_deliveries(
    endpoint_id: Identity,
    access: Reads,
    state: _State = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """Show what was or is to be sent there, the newest first."""
    return await access.read(service.list_deliveries, endpoint_id, state, limit, cursor)


@routes.get(
    "/deliveries/{delivery_id}",
    response_model=DeliveryWithAttempts,
    responses=problems(DeliveryNotFound),
    operation_id="get_delivery",
    summary="Get a delivery",
)
async def get_delivery(delivery_id: DeliveryIdentity, access: Reads) -> Response:
    """Show one delivery with every attempt: its status, how long it took, how the answer began."""
    return await access.read(service.show_delivery, delivery_id)


@routes.post(
    "/deliveries/{delivery_id}/replay",
    status_code=201,
    response_model=Delivery,
    responses=problems(DeliveryNotFound, EndpointNotActive),
    operation_id="replay_delivery",
    summary="Deliver once more",
)
async def replay_delivery(delivery_id: DeliveryIdentity, access: Manages) -> Response:
    """Send the event of this delivery once more, under the id by which a receiver knows it."""
    return await access.create("/v1/deliveries/{id}", service.redeliver, delivery_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id}/replays",
    status_code=201,
    response_model=Replay,
    responses=problems(EndpointNotFound, EndpointNotActive),
    operation_id="create_replay",
    summary="Deliver a range once more",
)
async def create_replay(endpoint_id: Identity, body: ReplayCreate, access: Manages) -> Response:
    """Have all events of a range sent there once more, in the background.

    `GET /v1/replays/{id}` tells how far that is.
    """
    return await access.create("/v1/replays/{id}", service.replay, endpoint_id, body)


@routes.get(
    "/replays/{replay_id}",
    response_model=Replay,
    responses=problems(ReplayNotFound),
    operation_id="get_replay",
    summary="Get a replay",
)
async def get_replay(replay_id: ReplayIdentity, access: Reads) -> Response:
    """Show how many events of the range were looked at, and how many are deliveries now."""
    return await access.read(service.show_replay, replay_id)


@feed.get(
    "/events",
    response_model=Page[Event],
    responses=problems(CursorInvalid),
    operation_id="list_events",
    summary="Read what happened",
)
async def list_events(
    access: Hears,
    type: _Type = None,  # noqa: A002 - the name in the contract
    subject: _Subject = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """Show what happened to what you may see, the oldest first, for those who cannot receive.

    `next_cursor` is there on the last page too: keep it, and read on from it later.
    """
    return await access.read(service.feed, type, subject, limit, cursor)


@feed.get(
    "/events/stream",
    status_code=200,
    response_class=live.EventStream,
    responses=problems(EventUnknown),
    openapi_extra=_STREAM,
    operation_id="stream_events",
    summary="Hear what happens, as it happens",
)
async def stream_events(
    access: Hears, request: Request, last_event_id: _LastEvent = None
) -> Response:
    """Keep a connection open, on which what happens is told (server-sent events).

    After a break, send the `id` you saw last as `Last-Event-ID`. A browser's `EventSource` cannot
    send a key: read the stream with `fetch`.
    """
    lines = await live.follow(access, request.app.state.news, last_event_id)
    return live.EventStream(lines)
