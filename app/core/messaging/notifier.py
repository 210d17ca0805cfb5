"""News: that something was committed, so that whoever waits for it need not ask all the time.

A bell rings in the process in which something was committed. On PostgreSQL a messenger carries
that to the other processes (LISTEN/NOTIFY). A ring that is lost costs time and nothing else:
whoever waits also looks by themselves now and then.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from app.core.config.settings import Settings
from app.core.persistence.pools import database_url
from app.kit.ids import MalformedIdError, WorkspaceId, decode

Listener = Callable[[WorkspaceId], None]

_CHANNEL = "debrief"
_LOOK_SECONDS = 1.0  # how long a thread waits before it looks whether it is to stop
_GATHER_SECONDS = 0.05  # after one was carried, rings within it are carried together
_NOTIFY = "SELECT pg_notify(%s, %s)"

_log = logging.getLogger("debrief")


class LocalNotifier:
    """Tells listeners in which workspace there is news; it may be rung by any thread."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def notify(self, workspace_id: WorkspaceId) -> None:
        """Tell every listener."""
        for listener in tuple(self._listeners):
            listener(workspace_id)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell this listener from now on; what is returned ends that.

        It is called by whichever thread rings, and must not take long.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)


class PostgresNotifier:
    """Carries rings between processes that share a PostgreSQL.

    Not in the transaction of the change: PostgreSQL would then commit those of the whole
    database one after another.
    """

    def __init__(self, settings: Settings, bell: LocalNotifier) -> None:
        url = database_url(settings).set(drivername="postgresql")
        self._url = url.render_as_string(hide_password=False)
        self._bell = bell
        self._to_tell: set[WorkspaceId] = set()
        self._news = threading.Event()
        self._has_ended = threading.Event()
        self._own = threading.local()
        self._pids: set[int] = set()
        self._threads = [
            threading.Thread(target=self._keep_on, args=(each,), daemon=True)
            for each in (self._tell, self._hear)
        ]

    def start(self) -> Callable[[], None]:
        """Begin to carry; what is returned ends that."""
        unlisten = self._bell.subscribe(self._take)
        for thread in self._threads:
            thread.start()

        def stop() -> None:
            unlisten()
            self._has_ended.set()
            self._news.set()
            for thread in self._threads:
                thread.join(3 * _LOOK_SECONDS)

        return stop

    def _take(self, workspace_id: WorkspaceId) -> None:
        if getattr(self._own, "is_hearing", False):
            return  # it came from another process, which has told everybody
        self._to_tell.add(workspace_id)
        self._news.set()

    def _keep_on(self, errand: Callable[[psycopg.Connection[Any]], None]) -> None:
        while not self._has_ended.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True) as connection:
                    self._pids.add(connection.info.backend_pid)
                    errand(connection)
            except psycopg.OperationalError:
                _log.warning("the database cannot be listened to; trying again")
                self._has_ended.wait(_LOOK_SECONDS)

    def _tell(self, connection: psycopg.Connection[Any]) -> None:
        while not self._has_ended.is_set():
            self._news.wait()
            self._news.clear()
            while self._to_tell:
                connection.execute(_NOTIFY, (_CHANNEL, self._to_tell.pop()))
            self._has_ended.wait(_GATHER_SECONDS)

    def _hear(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute(f"LISTEN {_CHANNEL}")
        while not self._has_ended.is_set():
            for notice in connection.notifies(timeout=_LOOK_SECONDS, stop_after=1):
                if notice.pid not in self._pids and _is_workspace(notice.payload):
                    with self._hearing():
                        self._bell.notify(WorkspaceId(notice.payload))

    @contextmanager
    def _hearing(self) -> Iterator[None]:
        self._own.is_hearing = True
        try:
            yield
        finally:
            self._own.is_hearing = False


def _is_workspace(text: str) -> bool:
    try:
        decode("ws", text)
    except MalformedIdError:
        return False
    return True
