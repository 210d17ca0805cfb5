"""Transactions: begun and ended by the unit of work, the last statements sent with the COMMIT.

Each statement that is waited for costs a trip: a thread goes to sleep, is woken and has to get
back in line, which on PostgreSQL is most of what a small statement costs the service. Nothing
needs the results of a transaction's last statements, so they go to PostgreSQL in one go with the
COMMIT and are waited for once. `docs/decisions/0018` has the figures.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from sqlalchemy import Connection
from sqlalchemy.exc import PendingRollbackError, SQLAlchemyError

from app.core.persistence.commit_pipeline import (
    COMMIT,
    NOT_COMMITTED,
    DeferredStatement,
    commit_pipelined,
)
from app.core.persistence.compiled import (
    execute_raw,
    log,
    raw_connection,
    wrap_driver_error,
)

ROLLBACK = "ROLLBACK"


@contextmanager
def transaction(connection: Connection, begin: str) -> Iterator[list[DeferredStatement]]:
    """Begin; commit when the block ends well, roll back when it raises.

    What the block adds to the list is carried out before the COMMIT.
    """
    execute_raw(connection, begin)
    last: list[DeferredStatement] = []
    try:
        yield last
        _end(connection, last)
    except BaseException:
        with suppress(SQLAlchemyError):  # a dead connection has rolled back already
            _roll_back(connection)
        raise


def _roll_back(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        execute_raw(connection, ROLLBACK)
        return
    # Not by psycopg, which has every prepared statement of the connection forgotten with it, for
    # the sake of tables that were made in the transaction: here there are none.
    log(ROLLBACK)
    try:
        result = raw_connection(connection).pgconn.exec_(ROLLBACK.encode())
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)
    except psycopg.Error as error:
        raise wrap_driver_error(connection, ROLLBACK, error) from error


def _end(connection: Connection, last: Sequence[DeferredStatement]) -> None:
    if last and connection.dialect.name == "postgresql":
        commit_pipelined(connection, last)
        return
    for each in last:
        each.statement.execute_each(connection, each.rows)
    ended = execute_raw(connection, COMMIT)
    if connection.dialect.name == "postgresql" and ended.statusmessage != COMMIT:
        raise PendingRollbackError(NOT_COMMITTED)
