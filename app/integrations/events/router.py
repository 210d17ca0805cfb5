"""Routes of the event feed and of the event stream."""

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
Hears = Annotated[RequestContext, require_scopes(Scope.EVENTS_READ)]
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
        description="The `id` of the last event you have seen: the stream goes on after it.",
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
                        "description": "Each event with its `id`, its type as `event`, and as "
                        "`data` what `GET /v1/events` shows of it.",
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
    summary="Read what happened",
)
async def list_events(
    context: Hears,
    type: _Type = None,  # noqa: A002 - the name in the contract
    subject: _Subject = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """Show what happened to what you may see, the oldest first, for those who cannot receive.

    `next_cursor` is there on the last page too: keep it, and read on from it later.
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
    summary="Hear what happens, as it happens",
)
async def stream_events(
    context: Hears, request: Request, last_event_id: _LastEvent = None
) -> Response:
    """Keep a connection open, on which what happens is told (server-sent events).

    After a break, send the `id` you saw last as `Last-Event-ID`. A browser's `EventSource` cannot
    send a key: read the stream with `fetch`.
    """
    lines = await sse.open_stream(context, sse.STREAM_HUB.of(request.scope), last_event_id)
    return sse.EventStream(lines)
