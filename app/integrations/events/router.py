"""Routes of the event feed (polling) and of the event stream (server-sent events)."""

from typing import Annotated, Any

from fastapi import Header, Query, Request, Response

from app.accounts.request_context import RequestContext, require_scopes
from app.accounts.scopes import Scope
from app.core.http.routing import (
    Cursor,
    Limit,
    make_router,
    problems,
)
from app.core.http.schemas import Page
from app.core.problems import CursorInvalid
from app.integrations.events import service, sse
from app.integrations.events.catalogue import EventType
from app.integrations.events.problems import EventUnknown
from app.integrations.events.schemas import Event
from app.kit.ids import length, pattern

routes = make_router(tag="Events")
Reads = Annotated[RequestContext, require_scopes(Scope.EVENTS_READ)]
_Type = Annotated[EventType | None, Query(description="Only events of this type.")]
_Subject = Annotated[
    str | None,
    Query(
        max_length=40,
        description="Only events about this resource, by its id.",
        pattern="^[a-z]+_[0-9a-z]{26}$",
    ),
]
_LastEvent = Annotated[
    str | None,
    Header(
        description="The `id` of the last event you received: the stream resumes after it.",
        max_length=length("evt"),
        json_schema_extra={"pattern": pattern("evt")},
    ),
]
_STREAM: dict[str, Any] = {
    "responses": {
        "200": {
            "content": {
                sse.MEDIA_TYPE: {
                    "schema": {
                        "type": "string",
                        "description": "Each event has its `id`, its type as `event`, and as "
                        "`data` the JSON object that `GET /v1/events` returns for it.",
                        "contentMediaType": sse.MEDIA_TYPE,
                        "maxLength": 2**31 - 1,
                    }
                }
            }
        }
    }
}


@routes.get(
    "/events",
    response_model=Page[Event],
    responses=problems(CursorInvalid),
    summary="List events",
)
async def list_events(
    context: Reads,
    type: _Type = None,  # noqa: A002 - the name in the contract
    subject: _Subject = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """List the events visible to you, oldest first: the polling alternative to webhooks.

    The last page has a `next_cursor` too: store it, and poll from there later.
    """
    return await context.read(
        service.list_, event_type=type, subject=subject, limit=limit, cursor=cursor
    )


@routes.get(
    "/events/stream",
    status_code=200,
    response_class=sse.EventStream,
    responses=problems(EventUnknown),
    openapi_extra=_STREAM,
    summary="Stream events (server-sent events)",
)
async def stream_events(
    context: Reads, request: Request, last_event_id: _LastEvent = None
) -> Response:
    """Send each event visible to you as it occurs, over a connection that stays open.

    To resume after a disconnect, send the `id` of the last event as `Last-Event-ID`. A browser's
    `EventSource` cannot send an API key: read the stream with `fetch`.
    """
    chunks = await sse.open_stream(context, sse.STREAM_HUB.of(request.scope), last_event_id)
    return sse.EventStream(chunks)
