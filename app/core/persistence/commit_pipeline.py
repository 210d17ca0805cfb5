"""Commit pipeline: the last statements of a transaction go to PostgreSQL with its COMMIT.

A round trip is most of what a small statement costs on PostgreSQL: the thread sleeps, is woken and
waits for the interpreter. Nobody needs the results of a transaction's last statements, so they
share the round trip of the COMMIT (figures in `docs/decisions/0018`). The setting
`DEBRIEF_COMMIT_PIPELINE` turns this off.
"""

import select
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy import Connection
from sqlalchemy.exc import PendingRollbackError

from app.core.persistence.compiled import (
    DeferredStatement,
    log,
    raw_connection,
    wrap_driver_error,
)

COMMIT = "COMMIT"
NOT_COMMITTED = "a statement had failed before, so PostgreSQL rolled back instead of committing"


def commit_pipelined(connection: Connection, deferred: Sequence[DeferredStatement]) -> None:
    """Execute the statements and COMMIT in one round trip.

    Raises what SQLAlchemy raises for the first statement that fails. When the connection is lost,
    the error names COMMIT, because it is not known whether the transaction was committed.
    """
    raw = raw_connection(connection)
    pipeline = _Pipeline(raw, _statement_names(connection))
    try:
        pipeline.begin()
        for entry in deferred:
            log(entry.statement.text)
            for row in entry.rows:
                pipeline.send(entry.statement.libpq_text, entry.statement.positional_params(row))
        log(COMMIT)
        pipeline.send(COMMIT)
        pipeline.finish()
    except psycopg.Error as error:
        text = COMMIT if raw.closed else pipeline.failed_text
        raise wrap_driver_error(connection, text, error) from error
    finally:
        if not raw.closed and raw.pgconn.pipeline_status:
            # Results that are still to come would be taken for those of the next statement.
            raw.close()


_StatementKey = tuple[str, tuple[int, ...]]
"""SQL text and parameter types: PostgreSQL prepares a statement for fixed types."""


@dataclass(slots=True)
class _StatementNames:
    """Names of the prepared statements of one connection; a name is never used twice."""

    prepared: dict[_StatementKey, bytes] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)


def _statement_names(connection: Connection) -> _StatementNames:
    names: _StatementNames = connection.info.setdefault("statement_names", _StatementNames())
    return names


class _Pipeline:
    """Prepared statements in libpq's pipeline mode.

    psycopg's own pipeline serves any number of cursors, and costs as much as a round trip.
    """

    def __init__(self, raw: psycopg.Connection[Any], names: _StatementNames) -> None:
        self.failed_text = COMMIT
        self._libpq: PGconn = raw.pgconn
        self._transformer = Transformer(raw)
        self._names = names
        self._new: dict[_StatementKey, bytes] = {}
        self._sent: list[tuple[str, _StatementKey | None]] = []

    def begin(self) -> None:
        """Enter pipeline mode: statements are sent without waiting for results."""
        self._libpq.enter_pipeline_mode()

    def send(self, text: str, params: Sequence[Any] = ()) -> None:
        """Send a statement; one that is new on this connection is prepared first."""
        self.failed_text = text  # if the driver cannot adapt a parameter
        dumped = self._transformer.dump_sequence(params, [PyFormat.TEXT] * len(params))
        types = (self._transformer.types or ()) if params else ()
        key = (text, types)
        name = self._names.prepared.get(key) or self._new.get(key)
        if name is None:
            name = self._new[key] = b"debrief_%d" % next(self._names.numbers)
            self._libpq.send_prepare(name, text.encode(), types)
            self._sent.append((text, key))
        self._libpq.send_query_prepared(name, dumped)
        self._sent.append((text, None))

    def finish(self) -> None:
        """Wait for all results; raise the driver's error for the first that failed."""
        self._libpq.pipeline_sync()
        while self._libpq.flush():
            self._wait(select.POLLIN | select.POLLOUT)
        failure: PGresult | None = None
        command = b""
        for text, key in self._sent:
            result = self._result()
            command = result.command_status or b""
            if result.status == ExecStatus.FATAL_ERROR:
                failure, self.failed_text = result, text
            elif result.status == ExecStatus.COMMAND_OK and key is not None:
                self._names.prepared[key] = self._new[key]
        self._result()  # of the sync
        self._libpq.exit_pipeline_mode()
        if failure is not None:
            raise error_from_result(failure)
        if command != COMMIT.encode():
            raise PendingRollbackError(NOT_COMMITTED)

    def _result(self) -> PGresult:
        # libpq returns a null after the results of each statement, and always on a lost connection.
        result = self._next() or self._next()
        if result is None or self._libpq.status == ConnStatus.BAD:
            raise psycopg.OperationalError(self._libpq.get_error_message())
        return result

    def _next(self) -> PGresult | None:
        while self._libpq.is_busy():
            self._wait(select.POLLIN)
        return self._libpq.get_result()

    def _wait(self, events: int) -> None:
        poll = select.poll()
        poll.register(self._libpq.socket, events)
        if any(occurred & ~select.POLLOUT for _, occurred in poll.poll()):
            self._libpq.consume_input()
