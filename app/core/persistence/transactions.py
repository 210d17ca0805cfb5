"""Transactions: BEGIN, COMMIT and ROLLBACK, executed by the unit of work.

Driver connections stay in autocommit. Statements whose results are not needed are deferred to the
end of the transaction, where the commit pipeline can send them with the COMMIT.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from sqlalchemy import Connection
from sqlalchemy.exc import PendingRollbackError, SQLAlchemyError

from app.core.persistence.commit_pipeline import COMMIT, NOT_COMMITTED, commit_pipelined
from app.core.persistence.compiled import (
    DeferredStatement,
    execute_raw,
    log,
    raw_connection,
    wrap_driver_error,
)

ROLLBACK = "ROLLBACK"


@contextmanager
def transaction(
    connection: Connection, begin: str, *, is_pipelined: bool = False
) -> Iterator[list[DeferredStatement]]:
    """Execute BEGIN, then COMMIT when the block ends, or ROLLBACK when it raises.

    Statements that the block appends to the list are executed before the COMMIT, or with it.
    """
    execute_raw(connection, begin)
    deferred: list[DeferredStatement] = []
    try:
        yield deferred
        _commit(connection, deferred, is_pipelined=is_pipelined)
    except BaseException:
        with suppress(SQLAlchemyError):  # a lost connection has rolled back already
            _roll_back(connection)
        raise


def _commit(
    connection: Connection, deferred: Sequence[DeferredStatement], *, is_pipelined: bool
) -> None:
    if deferred and is_pipelined:
        commit_pipelined(connection, deferred)
        return
    for entry in deferred:
        entry.statement.execute_each(connection, entry.rows)
    cursor = execute_raw(connection, COMMIT)
    if connection.dialect.name == "postgresql" and cursor.statusmessage != COMMIT:
        raise PendingRollbackError(NOT_COMMITTED)


def _roll_back(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        execute_raw(connection, ROLLBACK)
        return
    # psycopg's rollback drops the connection's prepared statements, which is needed only after
    # DDL. There is none in a transaction of ours, so ROLLBACK goes through libpq.
    log(ROLLBACK)
    try:
        result = raw_connection(connection).pgconn.exec_(ROLLBACK.encode())
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)
    except psycopg.Error as error:
        raise wrap_driver_error(connection, ROLLBACK, error) from error
