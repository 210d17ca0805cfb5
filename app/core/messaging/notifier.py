"""Notifier: notifies subscribers in which workspace events or jobs were committed.

Notifications are best effort. A lost one only adds latency, because every subscriber also polls.
Within a process they are function calls; between processes that share a PostgreSQL they travel by
LISTEN/NOTIFY.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from app.core.config.settings import Settings
from app.core.persistence.pools import database_url
from app.kit.ids import WorkspaceId, is_id

Subscriber = Callable[[WorkspaceId], None]

_CHANNEL = "debrief"
_STOP_CHECK_SECONDS = 1.0  # how long a thread waits before it checks whether it has to stop
_BATCH_SECONDS = 0.05  # notifications within it are sent together
_NOTIFY = "SELECT pg_notify(%s, %s)"

_log = logging.getLogger("debrief")


class LocalNotifier:
    """Publish/subscribe within a process; any thread may notify."""

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []

    def notify(self, workspace_id: WorkspaceId) -> None:
        """Call every subscriber."""
        for subscriber in tuple(self._subscribers):
            subscriber(workspace_id)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Add a subscriber and return the function that removes it.

        It is called by the thread that notifies, and must not block.
        """
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)


class PostgresNotifier:
    """Forwards notifications between processes that share a PostgreSQL.

    NOTIFY is not part of the transaction of the change, because PostgreSQL serializes the commits
    of all transactions that notify.
    """

    def __init__(self, settings: Settings, local: LocalNotifier) -> None:
        url = database_url(settings).set(drivername="postgresql")
        self._url = url.render_as_string(hide_password=False)
        self._local = local
        self._to_send: set[WorkspaceId] = set()
        self._has_work = threading.Event()
        self._is_stopping = threading.Event()
        self._thread = threading.local()
        self._backend_pids: set[int] = set()
        self._threads = [
            threading.Thread(target=self._run, args=(task,), daemon=True)
            for task in (self._send, self._receive)
        ]

    def start(self) -> Callable[[], None]:
        """Start forwarding and return the function that stops it."""
        unsubscribe = self._local.subscribe(self._forward)
        for thread in self._threads:
            thread.start()

        def stop() -> None:
            unsubscribe()
            self._is_stopping.set()
            self._has_work.set()
            for thread in self._threads:
                thread.join(3 * _STOP_CHECK_SECONDS)

        return stop

    def _forward(self, workspace_id: WorkspaceId) -> None:
        if getattr(self._thread, "is_receiving", False):
            return  # it came from another process, which has notified every process
        self._to_send.add(workspace_id)
        self._has_work.set()

    def _run(self, task: Callable[[psycopg.Connection[Any]], None]) -> None:
        while not self._is_stopping.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True) as connection:
                    self._backend_pids.add(connection.info.backend_pid)
                    task(connection)
            except psycopg.OperationalError:
                _log.warning("no connection for LISTEN/NOTIFY; trying again")
                self._is_stopping.wait(_STOP_CHECK_SECONDS)

    def _send(self, connection: psycopg.Connection[Any]) -> None:
        while not self._is_stopping.is_set():
            self._has_work.wait()
            self._has_work.clear()
            while self._to_send:
                connection.execute(_NOTIFY, (_CHANNEL, self._to_send.pop()))
            self._is_stopping.wait(_BATCH_SECONDS)

    def _receive(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute(f"LISTEN {_CHANNEL}")
        while not self._is_stopping.is_set():
            for notice in connection.notifies(timeout=_STOP_CHECK_SECONDS, stop_after=1):
                if notice.pid not in self._backend_pids and is_id("ws", notice.payload):
                    with self._receiving():
                        self._local.notify(WorkspaceId(notice.payload))

    @contextmanager
    def _receiving(self) -> Iterator[None]:
        self._thread.is_receiving = True
        try:
            yield
        finally:
            self._thread.is_receiving = False
