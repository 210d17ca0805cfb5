"""Connection pools: threads that each hold one connection.

A request runs on a pool thread once, does all its work there on one connection, and returns. On
SQLite writes share a pool of one thread, because SQLite has one writer anyway and a queue costs
less than waiting for a lock.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from contextvars import copy_context
from functools import partial
from time import perf_counter
from typing import Any, Protocol, TypeVar

from pydantic_core import to_json
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.core.config.settings import Settings
from app.core.persistence.compiled import DeferredStatement
from app.core.persistence.transactions import transaction
from app.kit.ids import WorkspaceId, uuid_decoder

Result = TypeVar("Result")

_log = logging.getLogger("debrief")

_BUSY_TIMEOUT_MS = 10_000
_STARTED_AND_ENDED = 2
_workspace_uuid = uuid_decoder("ws")


class PoolObserver(Protocol):
    """Receives how long each unit of work waited for a thread, and how long it ran."""

    def add(self, queued: float, started: float, ended: float) -> None:
        """Receive one unit of work, as three readings of one clock in seconds."""


class ConnectionPool:
    """A few threads, each with a connection of its own."""

    def __init__(
        self, engine: Engine, threads: int, *, name: str, begin: str, is_pipelined: bool = False
    ) -> None:
        self.engine = engine
        self.name = name
        self.threads = threads
        self.in_flight = 0  # units of work that wait for a thread or run
        self.observer: PoolObserver | None = None
        self._begin = begin
        self._is_pipelined = is_pipelined
        self._local = threading.local()
        self._connections: list[Connection] = []
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, unit: Callable[[Connection], Result]) -> Result:
        """Run a unit of work on a thread of this pool, without blocking the event loop."""
        # The context is copied so that log lines of the thread name the request.
        call: Callable[[], Result] = partial(copy_context().run, self._run, unit)
        self.in_flight += 1
        try:
            if self.observer is None:
                return await asyncio.get_running_loop().run_in_executor(self._executor, call)
            return await self._run_observed(call, self.observer)
        finally:
            self.in_flight -= 1

    def run_sync(self, unit: Callable[[Connection], Result]) -> Result:
        """Run a unit of work on a thread of this pool and wait for it (command line, tests)."""
        return self._executor.submit(self._run, unit).result()

    def transaction(
        self, connection: Connection
    ) -> AbstractContextManager[list[DeferredStatement]]:
        """Return a transaction on a connection of this pool, as `transactions.transaction` does."""
        return transaction(connection, self._begin, is_pipelined=self._is_pipelined)

    def close(self) -> None:
        """Wait for running units of work, then close every connection."""
        self._executor.shutdown()
        for connection in self._connections:
            connection.close()

    async def _run_observed(self, call: Callable[[], Result], observer: PoolObserver) -> Result:
        queued = perf_counter()
        readings: list[float] = []

        def timed() -> Result:
            readings.append(perf_counter())
            try:
                return call()
            finally:
                readings.append(perf_counter())

        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, timed)
        finally:
            if len(readings) == _STARTED_AND_ENDED:  # else the request was cancelled meanwhile
                observer.add(queued, *readings)

    def _run(self, unit: Callable[[Connection], Result]) -> Result:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self.engine.connect()
            self._connections.append(connection)
        try:
            return unit(connection)
        except BaseException as error:
            if isinstance(error, DBAPIError) or connection.invalidated:
                # Its state is not known, so the next unit of work gets a new one.
                self._local.connection = None
                self._connections.remove(connection)
                connection.close()
            raise


class Database:
    """A pool for reads and a pool for writes; on PostgreSQL one pool serves both."""

    def __init__(self, settings: Settings) -> None:
        url = database_url(settings)
        threads = settings.database_threads
        self.is_sqlite = settings.is_sqlite
        if self.is_sqlite:
            read_engine = _sqlite_engine(url, settings, read_only=True)
            write_engine = _sqlite_engine(url, settings, read_only=False)
            self.readers = ConnectionPool(read_engine, threads, name="read", begin="BEGIN")
            self.writers = ConnectionPool(write_engine, 1, name="write", begin="BEGIN IMMEDIATE")
        else:
            self.readers = self.writers = ConnectionPool(
                _engine(url),
                threads,
                name="postgresql",
                begin="BEGIN",
                is_pipelined=settings.commit_pipeline,
            )

    @property
    def pools(self) -> tuple[ConnectionPool, ...]:
        """Every pool, once."""
        return (self.readers,) if self.writers is self.readers else (self.readers, self.writers)

    def close(self) -> None:
        """Wait for running units of work, then close all connections."""
        for pool in self.pools:
            pool.close()

    def close_with_timeout(self, seconds: float) -> None:
        """Close; give up on connections of a database that no longer responds."""
        closing = threading.Thread(target=self.close, daemon=True)
        closing.start()
        closing.join(seconds)
        if closing.is_alive():
            _log.error("database connections were not closed within %s s", seconds)

    async def truncate_wal(self) -> None:
        """Empty SQLite's write-ahead log, which holds pages as they were before.

        PostgreSQL removes old row versions by itself (autovacuum).
        """
        if self.is_sqlite:
            await self.writers.run(_truncate_wal)

    async def analyze(self, table: str) -> None:
        """Update PostgreSQL's statistics of a table that has just grown a lot.

        Autovacuum does so within a minute. Until then the planner assumes that the table is almost
        empty: with ten thousand rows, reading some hundred of them was fifty times slower.
        """
        if not self.is_sqlite:
            await self.writers.run(
                lambda connection: connection.exec_driver_sql(f"ANALYZE {table}")
            )

    def set_workspace(self, connection: Connection, workspace_id: WorkspaceId) -> None:
        """Set the workspace for PostgreSQL's row-level security on this connection.

        Call it outside a transaction: a rollback would undo the setting.
        """
        if self.is_sqlite or connection.info.get("workspace") == workspace_id:
            return
        connection.execute(_SET_WORKSPACE, {"workspace": str(_workspace_uuid(workspace_id))})
        connection.info["workspace"] = workspace_id

    def try_advisory_lock(self, connection: Connection, number: int) -> bool:
        """Take a lock until the transaction ends; return False when another holds it.

        SQLite needs none: a write transaction locks the whole database.
        """
        if self.is_sqlite:
            return True
        return bool(connection.execute(_TRY_LOCK, {"number": number}).scalar_one())


_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:number)")
_SET_WORKSPACE = text("SELECT set_config('debrief.workspace_id', :workspace, false)")


def _truncate_wal(connection: Connection) -> None:
    is_busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    if is_busy:
        # Another process is reading. The next erasure truncates the log, or SQLite does when the
        # last process closes its connection.
        _log.warning("the write-ahead log could not be truncated after an erasure")


def database_url(settings: Settings) -> URL:
    """Return the URL of the settings, with the driver that is installed."""
    url = make_url(settings.database_url)
    return url.set(drivername="sqlite" if settings.is_sqlite else "postgresql+psycopg")


def _engine(url: URL, **options: Any) -> Engine:  # noqa: ANN401 - passed on unchanged
    return create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,  # each pool thread holds its own connection
        hide_parameters=True,  # they contain user content, which must not be logged
        json_serializer=_json_text,
        **options,
    )


def _json_text(value: object) -> str:
    return to_json(value).decode()  # a fifth of the time of json.dumps


def _sqlite_engine(url: URL, settings: Settings, *, read_only: bool) -> Engine:
    engine = _engine(url, connect_args={"check_same_thread": False})
    pragmas = (
        f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}",
        "PRAGMA journal_mode = WAL",
        f"PRAGMA synchronous = {settings.sqlite_synchronous}",
        "PRAGMA foreign_keys = ON",
        "PRAGMA temp_store = MEMORY",
        "PRAGMA secure_delete = ON",  # deleted content is overwritten in the file
        f"PRAGMA query_only = {'ON' if read_only else 'OFF'}",
    )

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: Any, _: object) -> None:  # noqa: ANN401 - a driver's own type
        for pragma in pragmas:
            connection.execute(pragma)

    return engine
