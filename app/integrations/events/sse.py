"""Event stream: server-sent events (SSE) over a connection that stays open.

A stream waits for a notification and reads nothing meanwhile, so that thousands of idle streams
cost next to nothing. It authenticates the caller again before each read: a revoked key ends it.
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

_BATCH_SIZE = 100
_POLL_SECONDS = 1.0
_PING_SECONDS = 15.0  # less than the time after which proxies close an idle connection
_RETRY_MILLISECONDS = 2_000

_log = logging.getLogger("debrief")


class EventStream(StreamingResponse):
    """A response of server-sent events; FastAPI's own class formats the events itself."""

    media_type = MEDIA_TYPE

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        # Some proxies buffer a response until there is more of it.
        super().__init__(chunks, headers=NO_STORE | {"X-Accel-Buffering": "no"})


class StreamHub:
    """Wakes the streams of a workspace, and ends all of them when the service is about to stop."""

    def __init__(self, runner: UnitOfWorkRunner, is_leaving: Callable[[], bool]) -> None:
        self._runner = runner
        self._is_leaving = is_leaving
        self._wake_ups: dict[WorkspaceId, set[asyncio.Event]] = {}
        self._last_counts: dict[WorkspaceId, int] = {}
        self.has_ended = False

    async def run(self) -> None:
        """Wake streams on notifications; poll once a second, because a notification may be lost."""
        loop = asyncio.get_running_loop()

        def on_notification(workspace_id: WorkspaceId) -> None:
            if workspace_id in self._wake_ups:
                loop.call_soon_threadsafe(self._wake, workspace_id)

        unsubscribe = self._runner.notifier.subscribe(on_notification)
        try:
            while not self._is_leaving():
                await asyncio.sleep(_POLL_SECONDS)
                await self._poll()
        finally:
            unsubscribe()
            self.has_ended = True
            for workspace_id in tuple(self._wake_ups):
                self._wake(workspace_id)

    def subscribe(self, workspace_id: WorkspaceId) -> asyncio.Event:
        """Register a stream; the result is set whenever there may be new events."""
        wake_up = asyncio.Event()
        self._wake_ups.setdefault(workspace_id, set()).add(wake_up)
        return wake_up

    def unsubscribe(self, workspace_id: WorkspaceId, wake_up: asyncio.Event) -> None:
        """Remove a stream."""
        of_workspace = self._wake_ups[workspace_id]
        of_workspace.discard(wake_up)
        if not of_workspace:
            del self._wake_ups[workspace_id]
            self._last_counts.pop(workspace_id, None)

    def _wake(self, workspace_id: WorkspaceId) -> None:
        for wake_up in self._wake_ups.get(workspace_id, ()):
            wake_up.set()

    async def _poll(self) -> None:
        """Wake the streams of workspaces whose fan-out was requested since the last poll."""
        if not self._wake_ups:
            return
        workspaces = list(self._wake_ups)
        with suppress(DBAPIError):  # the database may be available again at the next poll
            counts = await self._runner.database.readers.run(
                lambda connection: requested_counts(connection, FAN_OUT, workspaces)
            )
            for workspace_id, count in counts.items():
                if self._last_counts.get(workspace_id) != count:
                    self._last_counts[workspace_id] = count
                    self._wake(workspace_id)


STREAM_HUB: StateKey[StreamHub] = StateKey("stream_hub")


async def open_stream(
    context: RequestContext, hub: StreamHub, last_event_id: str | None
) -> AsyncIterator[bytes]:
    """Return the stream of events from now on, or after the last event that was received.

    Raises EventUnknown for an event that the caller cannot have received.
    """
    runner = context.runner
    start = await runner.read(runner.bind_read(context.caller, _start_position, last_event_id))
    return _stream(context, hub, start)


async def _stream(context: RequestContext, hub: StreamHub, position: int) -> AsyncIterator[bytes]:
    workspace_id = context.caller.workspace_id
    wake_up = hub.subscribe(workspace_id)
    try:
        yield format_sse_event(comment="open", retry=_RETRY_MILLISECONDS)
        while not hub.has_ended:
            wake_up.clear()
            await context.reauthenticate()
            rows = await _read(context, position)
            for row in rows:
                position = row.position
                yield _message(context.caller.role, row)
            while len(rows) < _BATCH_SIZE and not await _is_woken(wake_up):
                await context.reauthenticate()
                yield format_sse_event(comment="still here")
    except Problem:  # the caller is no longer authenticated
        return
    finally:
        hub.unsubscribe(workspace_id, wake_up)


async def _is_woken(wake_up: asyncio.Event) -> bool:
    """Wait until the stream is woken; return False when a ping is due first."""
    try:
        async with asyncio.timeout(_PING_SECONDS):
            return await wake_up.wait()
    except TimeoutError:
        return False


async def _read(context: RequestContext, position: int) -> Sequence[EventRecord]:
    def events_after(session: ReadSession) -> Sequence[EventRecord]:
        return session.all(EVENTS_AFTER, after=position, limit=_BATCH_SIZE)

    return await context.runner.read(context.runner.bind_read(context.caller, events_after))


def _start_position(session: ReadSession, last_event_id: str | None) -> int:
    if last_event_id is None:
        (latest,) = session.all(LATEST_POSITION)
        return latest.position
    if not is_id("evt", last_event_id):
        raise EventUnknown
    return session.get(POSITION_OF_EVENT, EventUnknown, id=last_event_id).position


def _message(role: Role, row: EventRecord) -> bytes:
    data = to_json(event_view(role).render(row, role)).decode()
    return format_sse_event(data_str=data, event=row.name, id=row.id)
