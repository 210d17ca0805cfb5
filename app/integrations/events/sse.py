"""Live updates: what happens, as it happens, to whoever keeps a connection open.

A stream waits for a bell and reads nothing meanwhile, so that thousands of idle ones cost next
to nothing. It looks at the caller's key again before each reading: one that was revoked ends it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from pydantic_core import to_json
from sqlalchemy.exc import DBAPIError

from app.accounts.request_context import RequestContext
from app.core.http.app_state import StateKey
from app.core.http.responses import NO_STORE
from app.core.messaging.job_queue import requested_counts
from app.core.messaging.outbox import (
    EVENTS_AFTER,
    FAN_OUT,
    LATEST_POSITION,
    EventRecord,
)
from app.core.persistence.tenancy import Role
from app.core.problems import Problem
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import ReadSession
from app.integrations.events.presenters import event_view
from app.integrations.events.problems import EventUnknown
from app.integrations.events.repository import POSITION_OF_EVENT
from app.kit.ids import WorkspaceId, is_id

MEDIA_TYPE = "text/event-stream"

_AT_ONCE = 100
_LOOK_SECONDS = 1.0
_PING_SECONDS = 15.0  # within what proxies take for an idle connection
_RETRY_MILLISECONDS = 2_000

_log = logging.getLogger("debrief")


class EventStream(StreamingResponse):
    """An answer of server-sent events; the framework's own class wants to make them itself."""

    media_type = MEDIA_TYPE

    def __init__(self, lines: AsyncIterator[bytes]) -> None:
        # Some proxies would keep what they pass on until there is more of it.
        super().__init__(lines, headers=NO_STORE | {"X-Accel-Buffering": "no"})


class StreamHub:
    """Wakes the streams of a workspace, and ends all of them when the service is about to stop."""

    def __init__(self, runner: UnitOfWorkRunner, is_leaving: Callable[[], bool]) -> None:
        self._runner = runner
        self._is_leaving = is_leaving
        self._waiting: dict[WorkspaceId, set[asyncio.Event]] = {}
        self._seen: dict[WorkspaceId, int] = {}
        self.has_ended = False

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        return sum(map(len, self._waiting.values()))

    async def watch(self) -> None:
        """Wake streams when a bell rings, and look once a second for what no bell told of."""
        loop = asyncio.get_running_loop()

        def heard(workspace_id: WorkspaceId) -> None:
            if workspace_id in self._waiting:
                loop.call_soon_threadsafe(self._wake, workspace_id)

        unlisten = self._runner.notifier.subscribe(heard)
        try:
            while not self._is_leaving():
                await asyncio.sleep(_LOOK_SECONDS)
                await self._look()
        finally:
            unlisten()
            self.has_ended = True
            for workspace_id in tuple(self._waiting):
                self._wake(workspace_id)

    def subscribe(self, workspace_id: WorkspaceId) -> asyncio.Event:
        """Return what is set whenever there may be news."""
        news = asyncio.Event()
        self._waiting.setdefault(workspace_id, set()).add(news)
        return news

    def unsubscribe(self, workspace_id: WorkspaceId, news: asyncio.Event) -> None:
        """Forget a stream."""
        those = self._waiting[workspace_id]
        those.discard(news)
        if not those:
            del self._waiting[workspace_id]
            self._seen.pop(workspace_id, None)

    def _wake(self, workspace_id: WorkspaceId) -> None:
        for news in self._waiting.get(workspace_id, ()):
            news.set()

    async def _look(self) -> None:
        if not self._waiting:
            return
        watched = list(self._waiting)
        with suppress(DBAPIError):  # the next look may find the database again
            found = await self._runner.database.readers.run(
                lambda connection: requested_counts(connection, FAN_OUT, watched)
            )
            for workspace_id, mark in found.items():
                if self._seen.get(workspace_id) != mark:
                    self._seen[workspace_id] = mark
                    self._wake(workspace_id)


STREAM_HUB: StateKey[StreamHub] = StateKey("stream_hub")


async def open_stream(
    context: RequestContext, news: StreamHub, last_event_id: str | None
) -> AsyncIterator[bytes]:
    """Return the stream of what happens from now on, or after an event that was seen.

    Raises EventUnknown for an event that the caller cannot have seen.
    """
    caller = context.caller
    place = await context.runner.read(context.runner.bind_read(caller, _place_after, last_event_id))
    return _stream(context, news, place)


async def _stream(context: RequestContext, news: StreamHub, place: int) -> AsyncIterator[bytes]:
    workspace_id = context.caller.workspace_id
    has_news = news.subscribe(workspace_id)
    try:
        yield format_sse_event(comment="open", retry=_RETRY_MILLISECONDS)
        while not news.has_ended:
            has_news.clear()
            await context.reauthenticate()
            rows = await _read(context, place)
            for row in rows:
                place = row.position
                yield _line(context.caller.role, row)
            while len(rows) < _AT_ONCE and not await _comes(has_news):
                await context.reauthenticate()
                yield format_sse_event(comment="still here")
    except Problem:  # the caller is no longer let in
        return
    finally:
        news.unsubscribe(workspace_id, has_news)


async def _comes(has_news: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(_PING_SECONDS):
            return await has_news.wait()
    except TimeoutError:
        return False


async def _read(context: RequestContext, place: int) -> Sequence[EventRecord]:
    def after(session: ReadSession) -> Sequence[EventRecord]:
        return session.all(EVENTS_AFTER, after=place, limit=_AT_ONCE)

    return await context.runner.read(context.runner.bind_read(context.caller, after))


def _place_after(session: ReadSession, last_event_id: str | None) -> int:
    if last_event_id is None:
        (last,) = session.all(LATEST_POSITION)
        return last.position
    if not is_id("evt", last_event_id):
        raise EventUnknown
    return session.get(POSITION_OF_EVENT, EventUnknown, id=last_event_id).position


def _line(role: Role, row: EventRecord) -> bytes:
    data = to_json(event_view(role).render(row, role)).decode()
    return format_sse_event(data_str=data, event=row.name, id=row.id)
