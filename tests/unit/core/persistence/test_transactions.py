"""Transactions and the commit pipeline: all statements take effect, or none."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from psycopg import OperationalError as DriverError
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError, ProgrammingError

from app.core.config.settings import Settings
from app.core.persistence.commit_pipeline import COMMIT, commit_pipelined
from app.core.persistence.compiled import DeferredStatement, compile_cached, raw_connection
from app.core.persistence.pools import ConnectionPool, Database
from app.core.unit_of_work.retries import is_retryable
from tests.support.service import Service

WORDS = Table(
    "words",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("word", String, unique=True),
    Column("raw", LargeBinary),
)
INSERT = insert(WORDS).values(
    id=bindparam("number"), word=bindparam("word"), raw=bindparam("raw", b"", LargeBinary)
)
TERMINATE = select(func.pg_terminate_backend(func.pg_backend_pid()))
APPLICATION = {"company": {"name": "Tidemark"}, "job_title": "Engineer"}


@contextmanager
def pool_over(url: str, **settings: Any) -> Iterator[ConnectionPool]:
    """A pool with one connection, and a table for the tests."""
    database = Database(Settings(database_url=url, database_threads=1, **settings))
    pool = database.writers
    pool.run_sync(lambda connection: connection.execute(text("DROP TABLE IF EXISTS words")))
    pool.run_sync(WORDS.create)
    yield pool
    pool.run_sync(WORDS.drop)
    database.close()


@pytest.fixture
def pool(settings: Settings) -> Iterator[ConnectionPool]:
    with pool_over(settings.database_url) as pool:
        yield pool


@pytest.fixture(params=["pipelined", "not pipelined"])
def postgresql(request: pytest.FixtureRequest, postgresql_url: str) -> Iterator[ConnectionPool]:
    is_pipelined = request.param == "pipelined"
    with pool_over(postgresql_url, commit_pipeline=is_pipelined) as pool:
        yield pool


@pytest.fixture
def pipelined(postgresql_url: str) -> Iterator[ConnectionPool]:
    with pool_over(postgresql_url) as pool:
        yield pool


def write(
    pool: ConnectionPool,
    *rows: dict[str, Any],
    before: Callable[[Connection], object] = lambda _: None,
) -> None:
    """Insert these rows at the end of a transaction."""

    def unit(connection: Connection) -> None:
        with pool.transaction(connection) as deferred:
            before(connection)
            deferred.append(DeferredStatement(compile_cached(INSERT, connection.dialect), rows))

    pool.run_sync(unit)


def row(number: int, word: str, **more: Any) -> dict[str, Any]:
    return {"number": number, "word": word, **more}


def words(pool: ConnectionPool) -> list[str]:
    query = select(WORDS.c.word).order_by(WORDS.c.id)
    return [row.word for row in pool.run_sync(lambda connection: connection.execute(query).all())]


def test_deferred_rows_are_stored_with_the_commit(pool: ConnectionPool) -> None:
    write(pool, row(1, "one"))
    write(pool, row(2, "two"), row(3, "three", raw=b"\x00\xff"), row(4, "100 % 'of' \\ it"))
    assert words(pool) == ["one", "two", "three", "100 % 'of' \\ it"]


def test_a_deferred_statement_that_fails_rolls_everything_back(pool: ConnectionPool) -> None:
    write(pool, row(1, "one"))
    for _ in range(3):  # on the same connection, whose prepared statements a rollback may drop
        with pytest.raises(IntegrityError) as failed:
            write(pool, row(2, "two"), row(3, "one"), row(4, "four"))
        assert "INSERT INTO words" in str(failed.value.statement)
        assert is_retryable(failed.value)
        assert "four" not in str(failed.value)
        assert words(pool)[-1] != "four"
        write(pool, row(10 + len(words(pool)), f"later {len(words(pool))}"))
    assert words(pool) == ["one", "later 1", "later 2", "later 3"]


def test_a_failed_block_is_rolled_back(pool: ConnectionPool) -> None:
    def fail(connection: Connection) -> None:
        with pool.transaction(connection):
            connection.execute(INSERT, row(1, "one"))
            raise KeyError

    with pytest.raises(KeyError):
        pool.run_sync(fail)
    assert words(pool) == []


def test_the_setting_turns_the_pipeline_off(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def commit(connection: Connection, deferred: Sequence[DeferredStatement]) -> None:
        calls.append("pipelined")
        commit_pipelined(connection, deferred)

    monkeypatch.setattr("app.core.persistence.transactions.commit_pipelined", commit)
    for is_on, expected in ((False, 0), (True, 1)):
        with pool_over(postgresql_url, commit_pipeline=is_on) as pool:
            write(pool, row(1, "one"))
            assert words(pool) == ["one"]
        assert len(calls) == expected


def test_an_invalid_statement_is_a_programming_error(postgresql: ConnectionPool) -> None:
    def unit(connection: Connection) -> None:
        invalid = compile_cached(select(text("nonsense")), connection.dialect)
        with postgresql.transaction(connection) as deferred:
            valid = compile_cached(INSERT, connection.dialect)
            deferred.append(DeferredStatement(valid, [row(1, "one")]))
            deferred.append(DeferredStatement(invalid, [{}]))

    with pytest.raises(ProgrammingError) as failed:
        postgresql.run_sync(unit)
    assert "nonsense" in str(failed.value.statement)
    write(postgresql, row(2, "two"))
    assert words(postgresql) == ["two"]


def test_a_connection_lost_during_the_commit_leaves_the_outcome_unknown(
    pipelined: ConnectionPool,
) -> None:
    def unit(connection: Connection) -> None:
        with pipelined.transaction(connection) as deferred:
            valid = compile_cached(INSERT, connection.dialect)
            deferred.append(DeferredStatement(valid, [row(1, "one")]))
            deferred.append(DeferredStatement(compile_cached(TERMINATE, connection.dialect), [{}]))

    for _ in range(2):
        with pytest.raises(DBAPIError) as lost:
            pipelined.run_sync(unit)
        assert lost.value.connection_invalidated
        assert lost.value.statement == COMMIT
        assert not is_retryable(lost.value)
    write(pipelined, row(2, "two"))
    assert words(pipelined) == ["two"]


def test_a_lost_connection_is_not_replaced_within_a_transaction(
    postgresql: ConnectionPool,
) -> None:
    def lose(connection: Connection) -> None:
        with pytest.raises(DBAPIError):
            compile_cached(TERMINATE, connection.dialect).fetch_all(connection, {}, tuple)

    with pytest.raises(PendingRollbackError):
        write(postgresql, row(1, "one"), before=lose)
    assert words(postgresql) == []


def test_more_than_the_socket_buffers_hold_is_sent(postgresql: ConnectionPool) -> None:
    many = [row(number, f"{number} " + "x" * 100_000, raw=b"y" * 100_000) for number in range(200)]
    write(postgresql, *many)
    assert len(words(postgresql)) == 200


def test_a_parameter_that_cannot_be_bound_stores_nothing(postgresql: ConnectionPool) -> None:
    with pytest.raises(KeyError):
        write(postgresql, row(1, "one"), {"number": 2})
    not_adaptable: Any = object()
    with pytest.raises(ProgrammingError) as failed:
        write(postgresql, row(1, "one"), row(2, not_adaptable))
    assert "INSERT INTO words" in str(failed.value.statement)
    write(postgresql, row(3, "three"))
    assert words(postgresql) == ["three"]


def test_a_closed_connection_is_reported_as_lost(postgresql: ConnectionPool) -> None:
    with pytest.raises(DBAPIError) as lost:
        write(postgresql, row(1, "one"), before=lambda it: raw_connection(it).close())
    assert isinstance(lost.value.orig, DriverError)
    assert lost.value.connection_invalidated
    write(postgresql, row(2, "two"))


def test_prepared_statements_that_were_deallocated_are_prepared_again(service: Service) -> None:
    pool = service.runner.database.writers
    if pool.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no named prepared statements")
    ada = service.candidate()
    for _ in range(2 * pool.threads):
        ada.does("POST", "/v1/applications", APPLICATION)
    for connection in pool._connections:  # noqa: SLF001 - every thread has its own
        connection.exec_driver_sql("DEALLOCATE ALL")
    for _ in range(2 * pool.threads):
        ada.does("POST", "/v1/applications", APPLICATION)
    events = ada.does("GET", "/v1/events?limit=100")["data"]
    assert len(events) == 4 * pool.threads


def test_failures_leave_no_prepared_statements_behind(postgresql: ConnectionPool) -> None:
    def fail(connection: Connection) -> None:
        with postgresql.transaction(connection):
            raise KeyError

    counts = []
    for number in range(40):
        write(postgresql, row(number, f"{number}"))
        with pytest.raises(KeyError):
            postgresql.run_sync(fail)
        with pytest.raises(IntegrityError):
            write(postgresql, row(1_000 + number, "0"))
        counts.append(postgresql.run_sync(_prepared_statements))
    assert counts[-1] == counts[20]


def test_a_commit_answered_with_rollback_is_an_error(postgresql: ConnectionPool) -> None:
    def swallow(connection: Connection) -> None:
        with postgresql.transaction(connection):
            connection.execute(INSERT, row(1, "one"))
            with suppress(ProgrammingError):
                connection.execute(text("nonsense"))

    with pytest.raises(PendingRollbackError):
        postgresql.run_sync(swallow)
    write(postgresql, row(2, "two"))
    assert words(postgresql) == ["two"]


def _prepared_statements(connection: Connection) -> int:
    count: int = connection.execute(
        text("SELECT count(*) FROM pg_prepared_statements")
    ).scalar_one()
    return count
