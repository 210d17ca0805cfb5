"""The database: lanes of threads, each thread holding one connection.

A request hops to a lane once, does all its work there on one connection, and
hops back. On SQLite writers share a lane of one thread, because SQLite has one
writer anyway and waiting in a queue is cheaper than waiting for a lock. Driver
connections stay in autocommit; a unit of work says BEGIN and COMMIT itself.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from time import perf_counter
from typing import Any, Protocol, TypeVar

from pydantic_core import to_json
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.core.config.settings import Settings
from app.kit.ids import WorkspaceId, uuid_decoder

Answer = TypeVar("Answer")

_log = logging.getLogger("debrief")

_BUSY_TIMEOUT_MS = 10_000
_BEGAN_AND_ENDED = 2
_workspace_uuid = uuid_decoder("ws")


class PoolObserver(Protocol):
    """Takes down how long units of work wait for a thread, and how long they then take."""

    def add(self, asked: float, began: float, ended: float) -> None:
        """Take in one unit of work, by three readings of one clock, in seconds."""


class ConnectionPool:
    """A few threads, each with one connection that it keeps."""

    def __init__(self, engine: Engine, threads: int, *, name: str, begin: str) -> None:
        self.engine = engine
        self.begin = begin
        self.name = name
        self.threads = threads
        self.in_flight = 0  # requests whose work waits here or is being done
        self.times: PoolObserver | None = None
        self._held = threading.local()
        self._open: list[Connection] = []
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, work: Callable[[Connection], Answer]) -> Answer:
        """Do the work on a thread of this lane without holding up the event loop."""
        # The thread's log lines name the request too.
        do: Callable[[], Answer] = partial(copy_context().run, self._do, work)
        self.in_flight += 1
        try:
            if self.times is None:
                return await asyncio.get_running_loop().run_in_executor(self._executor, do)
            return await self._run_timed(do, self.times)
        finally:
            self.in_flight -= 1

    async def _run_timed(self, do: Callable[[], Answer], times: PoolObserver) -> Answer:
        asked = perf_counter()
        readings: list[float] = []

        def timed() -> Answer:
            readings.append(perf_counter())
            try:
                return do()
            finally:
                readings.append(perf_counter())

        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, timed)
        finally:
            if len(readings) == _BEGAN_AND_ENDED:  # else nobody waits for it any more
                times.add(asked, *readings)

    def run_sync(self, work: Callable[[Connection], Answer]) -> Answer:
        """Do the work on a thread of this lane and wait for it (command line, tests)."""
        return self._executor.submit(self._do, work).result()

    def close(self) -> None:
        """Wait for the work under way, then close every connection."""
        self._executor.shutdown()
        for connection in self._open:
            connection.close()

    def _do(self, work: Callable[[Connection], Answer]) -> Answer:
        connection: Connection | None = getattr(self._held, "connection", None)
        if connection is None:
            connection = self._held.connection = self.engine.connect()
            self._open.append(connection)
        try:
            return work(connection)
        except BaseException as error:
            if isinstance(error, DBAPIError) or connection.invalidated:
                # Whatever state it is in, the next unit of work starts on a new one.
                self._held.connection = None
                self._open.remove(connection)
                connection.close()
            raise


class Database:
    """The way to the records: a lane for reading and one for writing."""

    def __init__(self, settings: Settings) -> None:
        url = database_url(settings)
        self.is_sqlite = settings.is_sqlite
        if self.is_sqlite:
            reading = _sqlite_engine(url, settings, read_only=True)
            writing = _sqlite_engine(url, settings, read_only=False)
            self.readers = ConnectionPool(
                reading, settings.database_threads, name="read", begin="BEGIN"
            )
            self.writers = ConnectionPool(writing, 1, name="write", begin="BEGIN IMMEDIATE")
        else:
            engine = _engine(url)
            lane = ConnectionPool(
                engine, settings.database_threads, name="postgresql", begin="BEGIN"
            )
            self.readers = self.writers = lane

    @property
    def pools(self) -> tuple[ConnectionPool, ...]:
        """Every lane there is, once."""
        return (self.readers,) if self.writers is self.readers else (self.readers, self.writers)

    def close(self) -> None:
        """Let the work under way end, then close all connections."""
        for lane in self.pools:
            lane.close()

    def close_with_timeout(self, seconds: float) -> None:
        """Close, and leave behind what a database that no longer answers holds on to."""
        closing = threading.Thread(target=self.close, daemon=True)
        closing.start()
        closing.join(seconds)
        if closing.is_alive():
            _log.error("the database did not let go within %s s", seconds)

    async def truncate_wal(self) -> None:
        """Let SQLite's write-ahead log go, in which pages stand as they were before.

        PostgreSQL looks after what is no longer seen by itself (autovacuum).
        """
        if self.is_sqlite:
            await self.writers.run(_empty_log)

    async def analyze(self, table: str) -> None:
        """Have PostgreSQL count a table that has just grown a good deal.

        It looks by itself within a minute or so, and until then takes the table for almost empty:
        a look-up of some hundred rows was fifty times slower at ten thousand.
        """
        if not self.is_sqlite:
            await self.writers.run(
                lambda connection: connection.exec_driver_sql(f"ANALYZE {table}")
            )

    def set_workspace(self, connection: Connection, workspace_id: WorkspaceId) -> None:
        """Tell PostgreSQL's row-level security which workspace this connection serves now.

        Must be called outside a transaction: a rollback would take the setting back.
        """
        if self.is_sqlite or connection.info.get("workspace") == workspace_id:
            return
        connection.execute(_ENTER, {"workspace": str(_workspace_uuid(workspace_id))})
        connection.info["workspace"] = workspace_id

    def try_advisory_lock(self, connection: Connection, number: int) -> bool:
        """Take a lock until the transaction ends; False when another transaction holds it.

        SQLite needs none: its one writer has the whole database.
        """
        if self.is_sqlite:
            return True
        return bool(connection.execute(_CLAIM, {"number": number}).scalar_one())


_CLAIM = text("SELECT pg_try_advisory_xact_lock(:number)")
_ENTER = text("SELECT set_config('debrief.workspace_id', :workspace, false)")


def _empty_log(connection: Connection) -> None:
    is_busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    if is_busy:
        # Another process reads at this moment. The log is emptied with the next erasure, at the
        # latest when the last process ends.
        _log.warning("the write-ahead log could not be emptied after an erasure")


def database_url(settings: Settings) -> URL:
    """Return the URL with the driver that is installed."""
    url = make_url(settings.database_url)
    return url.set(drivername="sqlite" if settings.is_sqlite else "postgresql+psycopg")


def _engine(url: URL, **options: Any) -> Engine:  # noqa: ANN401 - passed on as they are
    # Lanes keep their connections themselves; what people wrote must not get into a log.
    return create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        hide_parameters=True,
        json_serializer=_json_text,
        **options,
    )


def _json_text(value: object) -> str:
    return to_json(value).decode()  # a fifth of what json.dumps takes


def _sqlite_engine(url: URL, settings: Settings, *, read_only: bool) -> Engine:
    engine = _engine(url, connect_args={"check_same_thread": False})
    pragmas = (
        f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}",
        "PRAGMA journal_mode = WAL",
        f"PRAGMA synchronous = {settings.sqlite_synchronous}",
        "PRAGMA foreign_keys = ON",
        "PRAGMA temp_store = MEMORY",
        "PRAGMA secure_delete = ON",  # what is deleted or replaced is overwritten in the file
        f"PRAGMA query_only = {'ON' if read_only else 'OFF'}",
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - a driver's own type
        for pragma in pragmas:
            connection.execute(pragma)

    return engine
