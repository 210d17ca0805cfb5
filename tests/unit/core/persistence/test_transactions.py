"""The last statements of a transaction and its COMMIT: all of it or nothing, whatever happens."""

from collections.abc import Callable, Iterator
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
from app.core.persistence.commit_pipeline import COMMIT, DeferredStatement
from app.core.persistence.compiled import compile_cached, raw_connection
from app.core.persistence.pools import ConnectionPool, Database
from app.core.persistence.transactions import transaction
from app.core.unit_of_work.retries import is_retryable
from tests.support.service import Service

WORDS = Table(
    "words",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("word", String, unique=True),
    Column("raw", LargeBinary),
)
KEEP = insert(WORDS).values(
    id=bindparam("number"), word=bindparam("word"), raw=bindparam("raw", b"", LargeBinary)
)
DIE = select(func.pg_terminate_backend(func.pg_backend_pid()))
WANTED = {"company": {"name": "Tidemark"}, "job_title": "Engineer"}


@contextmanager
def over(url: str) -> Iterator[ConnectionPool]:
    """One thread with one connection, over a table of its own."""
    database = Database(Settings(database_url=url, database_threads=1))
    lane = database.writers
    lane.run_sync(lambda it: it.execute(text("DROP TABLE IF EXISTS words")))
    lane.run_sync(WORDS.create)
    yield lane
    lane.run_sync(WORDS.drop)
    database.close()


@pytest.fixture
def lane(settings: Settings) -> Iterator[ConnectionPool]:
    with over(settings.database_url) as lane:
        yield lane


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[ConnectionPool]:
    """The one that has trips to spare."""
    with over(postgresql_url) as lane:
        yield lane


def ending(*rows: dict[str, Any], before: Callable[[Connection], object] = lambda _: None) -> Any:
    """Return a unit of work that writes these rows with its COMMIT."""

    def unit(connection: Connection) -> None:
        with transaction(connection, "BEGIN") as last:
            before(connection)
            last.append(DeferredStatement(compile_cached(KEEP, connection.dialect), rows))

    return unit


def row(number: int, word: str, **more: Any) -> dict[str, Any]:
    return {"number": number, "word": word, **more}


def words(lane: ConnectionPool) -> list[str]:
    found = lane.run_sync(lambda it: it.execute(select(WORDS.c.word).order_by(WORDS.c.id)).all())
    return [each.word for each in found]


def test_one_row_or_several_are_there_once_committed(lane: ConnectionPool) -> None:
    lane.run_sync(ending(row(1, "one")))
    lane.run_sync(
        ending(row(2, "two"), row(3, "three", raw=b"\x00\xff"), row(4, "100 % 'of' \\ it"))
    )
    assert words(lane) == ["one", "two", "three", "100 % 'of' \\ it"]


def test_what_is_refused_leaves_nothing_and_can_be_told_apart(lane: ConnectionPool) -> None:
    lane.run_sync(ending(row(1, "one")))
    for _ in range(3):  # on the very connection, whose statements a rollback makes it forget
        with pytest.raises(IntegrityError) as refused:
            lane.run_sync(ending(row(2, "two"), row(3, "one"), row(4, "four")))
        assert "INSERT INTO words" in str(refused.value.statement)
        assert is_retryable(refused.value)
        assert "four" not in str(refused.value)
        assert words(lane)[-1] != "four"
        lane.run_sync(ending(row(10 + len(words(lane)), f"later {len(words(lane))}")))
    assert words(lane) == ["one", "later 1", "later 2", "later 3"]


def test_a_statement_that_cannot_be_read_is_refused(postgresql: ConnectionPool) -> None:
    def unit(connection: Connection) -> None:
        with transaction(connection, "BEGIN") as last:
            last.append(
                DeferredStatement(compile_cached(KEEP, connection.dialect), [row(1, "one")])
            )
            last.append(
                DeferredStatement(
                    compile_cached(select(text("nonsense")), connection.dialect), [{}]
                )
            )

    with pytest.raises(ProgrammingError) as refused:
        postgresql.run_sync(unit)
    assert "nonsense" in str(refused.value.statement)
    postgresql.run_sync(ending(row(2, "two")))
    assert words(postgresql) == ["two"]


def test_of_a_lost_connection_it_is_not_known_whether_it_was_committed(
    postgresql: ConnectionPool,
) -> None:
    def unit(connection: Connection) -> None:
        with transaction(connection, "BEGIN") as last:
            last.append(
                DeferredStatement(compile_cached(KEEP, connection.dialect), [row(1, "one")])
            )
            last.append(DeferredStatement(compile_cached(DIE, connection.dialect), [{}]))

    for _ in range(2):
        with pytest.raises(DBAPIError) as lost:
            postgresql.run_sync(unit)
        assert lost.value.connection_invalidated
        assert lost.value.statement == COMMIT
        assert not is_retryable(lost.value)
    postgresql.run_sync(ending(row(2, "two")))
    assert words(postgresql) == ["two"]


def test_a_connection_that_was_lost_before_is_not_replaced_for_the_end(
    postgresql: ConnectionPool,
) -> None:
    def lose(connection: Connection) -> None:
        with pytest.raises(DBAPIError):
            compile_cached(DIE, connection.dialect).fetch_all(connection, {})

    with pytest.raises(PendingRollbackError):
        postgresql.run_sync(ending(row(1, "one"), before=lose))
    assert words(postgresql) == []


def test_more_than_fits_on_the_line_at_once_is_sent(postgresql: ConnectionPool) -> None:
    many = [row(number, f"{number} " + "x" * 100_000, raw=b"y" * 100_000) for number in range(200)]
    postgresql.run_sync(ending(*many))
    assert len(words(postgresql)) == 200


def test_an_error_of_our_own_on_the_way_costs_the_connection_and_nothing_else(
    postgresql: ConnectionPool,
) -> None:
    with pytest.raises(KeyError):
        postgresql.run_sync(ending(row(1, "one"), {"number": 2}))
    nothing_to_tell: Any = object()
    with pytest.raises(ProgrammingError) as refused:
        postgresql.run_sync(ending(row(1, "one"), row(2, nothing_to_tell)))
    assert "INSERT INTO words" in str(refused.value.statement)
    postgresql.run_sync(ending(row(3, "three")))
    assert words(postgresql) == ["three"]


def test_a_connection_that_is_closed_is_told_as_any_other_lost_one(
    postgresql: ConnectionPool,
) -> None:
    with pytest.raises(DBAPIError) as lost:
        postgresql.run_sync(ending(row(1, "one"), before=lambda it: raw_connection(it).close()))
    assert isinstance(lost.value.orig, DriverError)
    assert lost.value.connection_invalidated
    postgresql.run_sync(ending(row(2, "two")))


def test_statements_that_somebody_had_forgotten_are_told_again(service: Service) -> None:
    lane = service.work.database.writers
    if lane.engine.dialect.name != "postgresql":
        pytest.skip("SQLite's statements have no names")
    ada = service.candidate()
    for _ in range(2 * lane.threads):
        ada.does("POST", "/v1/applications", WANTED)
    for connection in lane._open:  # noqa: SLF001 - every thread has its own
        connection.exec_driver_sql("DEALLOCATE ALL")
    for _ in range(2 * lane.threads):
        ada.does("POST", "/v1/applications", WANTED)
    events = ada.does("GET", "/v1/events?limit=100")["data"]
    assert len(events) == 4 * lane.threads


def names(connection: Connection) -> int:
    found: int = connection.execute(
        text("SELECT count(*) FROM pg_prepared_statements")
    ).scalar_one()
    return found


def test_refusals_leave_no_statements_behind(postgresql: ConnectionPool) -> None:
    def refuse(connection: Connection) -> None:
        with transaction(connection, "BEGIN"):
            raise KeyError

    counts = []
    for number in range(40):
        postgresql.run_sync(ending(row(number, f"{number}")))
        with pytest.raises(KeyError):
            postgresql.run_sync(refuse)
        with pytest.raises(IntegrityError):
            postgresql.run_sync(ending(row(1_000 + number, "0")))
        counts.append(postgresql.run_sync(names))
    assert counts[-1] == counts[20]


def test_a_commit_that_was_none_is_an_error(postgresql: ConnectionPool) -> None:
    def swallow(connection: Connection) -> None:
        with transaction(connection, "BEGIN"):
            connection.execute(KEEP, row(1, "one"))
            with suppress(ProgrammingError):
                connection.execute(text("nonsense"))

    with pytest.raises(PendingRollbackError):
        postgresql.run_sync(swallow)
    postgresql.run_sync(ending(row(2, "two")))
    assert words(postgresql) == ["two"]
