"""Pipelined commit: the last statements of a transaction go to PostgreSQL with its COMMIT."""

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
    CompiledStatement,
    Values,
    log,
    raw_connection,
    wrap_driver_error,
)

COMMIT = "COMMIT"
NOT_COMMITTED = "a statement had failed before, and PostgreSQL has rolled back"


@dataclass(frozen=True, slots=True)
class DeferredStatement:
    """A statement whose result nobody waits for, once for each of the rows of values."""

    statement: CompiledStatement
    rows: Sequence[Values]


def commit_pipelined(connection: Connection, last: Sequence[DeferredStatement]) -> None:
    """Send the deferred statements and the COMMIT in one round trip (PostgreSQL only)."""
    raw = raw_connection(connection)
    pipeline = _Pipeline(raw, _names(connection))
    try:
        pipeline.begin()
        for each in last:
            log(each.statement.text)
            for row in each.rows:
                pipeline.send(each.statement.libpq_text, each.statement.positional_params(row))
        log(COMMIT)
        pipeline.send(COMMIT)
        pipeline.finish()
    except psycopg.Error as error:
        # Of a connection that is lost nobody knows how far it came, as with a lost COMMIT.
        text = COMMIT if raw.closed else pipeline.refused
        raise wrap_driver_error(connection, text, error) from error
    finally:
        if not raw.closed and raw.pgconn.pipeline_status:
            # What is still to come on it would be taken for the answer to something else.
            raw.close()


_Kind = tuple[str, tuple[int, ...]]
"""A statement by its text and the types of its values, which PostgreSQL wants to be the same."""


@dataclass(slots=True)
class _StatementNames:
    """The names that statements have on one connection; none is given twice."""

    known: dict[_Kind, bytes] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)


def _names(connection: Connection) -> _StatementNames:
    names: _StatementNames = connection.info.setdefault("names_of_statements", _StatementNames())
    return names


class _Pipeline:
    """Statements on their way to PostgreSQL, by libpq's own calls.

    psycopg's pipelines are for any number of cursors, and cost as much as the trip they spare.
    """

    def __init__(self, raw: psycopg.Connection[Any], names: _StatementNames) -> None:
        self.refused = COMMIT
        self._libpq: PGconn = raw.pgconn
        self._values = Transformer(raw)
        self._names = names
        self._new: dict[_Kind, bytes] = {}
        self._sent: list[tuple[str, _Kind | None]] = []

    def begin(self) -> None:
        """Let what is sent from now on go without waiting for what became of it."""
        self._libpq.enter_pipeline_mode()

    def send(self, text: str, values: Sequence[Any] = ()) -> None:
        """Have a statement carried out; the first time that it comes it is named before."""
        self.refused = text  # should the driver not know how to tell a value
        told = self._values.dump_sequence(values, [PyFormat.TEXT] * len(values))
        types = (self._values.types or ()) if values else ()
        kind = (text, types)
        name = self._names.known.get(kind) or self._new.get(kind)
        if name is None:
            name = self._new[kind] = b"debrief_%d" % next(self._names.numbers)
            self._libpq.send_prepare(name, text.encode(), types)
            self._sent.append((text, kind))
        self._libpq.send_query_prepared(name, told)
        self._sent.append((text, None))

    def finish(self) -> None:
        """Wait until all is done; raise the driver's error when one was refused."""
        self._libpq.pipeline_sync()
        while self._libpq.flush():
            self._wait(select.POLLIN | select.POLLOUT)
        refusal: PGresult | None = None
        ended_by = b""
        for text, kind in self._sent:
            result = self._result()
            ended_by = result.command_status or b""
            if result.status == ExecStatus.FATAL_ERROR:
                refusal, self.refused = result, text
            elif result.status == ExecStatus.COMMAND_OK and kind is not None:
                self._names.known[kind] = self._new[kind]
        self._result()  # that nothing more comes
        self._libpq.exit_pipeline_mode()
        if refusal is not None:
            raise error_from_result(refusal)
        if ended_by != COMMIT.encode():
            raise PendingRollbackError(NOT_COMMITTED)

    def _result(self) -> PGresult:
        # A null stands after the results of each statement, and for ever after a lost connection.
        result = self._next() or self._next()
        if result is None or self._libpq.status == ConnStatus.BAD:
            raise psycopg.OperationalError(self._libpq.get_error_message())
        return result

    def _next(self) -> PGresult | None:
        while self._libpq.is_busy():
            self._wait(select.POLLIN)
        return self._libpq.get_result()

    def _wait(self, events: int) -> None:
        ready = select.poll()
        ready.register(self._libpq.socket, events)
        if any(happened & ~select.POLLOUT for _, happened in ready.poll()):
            self._libpq.consume_input()
