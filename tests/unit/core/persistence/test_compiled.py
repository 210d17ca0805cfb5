"""Compiled statements: they read, write and raise the same as SQLAlchemy's own execution."""

from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    String,
    Table,
    delete,
    insert,
    literal_column,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, PendingRollbackError

from app.core.config.settings import Settings
from app.core.messaging.outbox import EventRow
from app.core.persistence.base import TenantModel
from app.core.persistence.compiled import compile_cached, execute_raw
from app.core.persistence.projections import untyped_projection
from app.core.persistence.tenancy import Role, TenantQuery
from app.kit.ids import new_id
from app.main import build_runner
from app.tracking.applications.models import ApplicationRow
from app.tracking.applications.repository import APPLICATION_BY_ID
from app.tracking.interviews.models import InterviewRow
from tests.support.servers import SECRET
from tests.support.service import Service

SECRET_TEXT = "this text must not be logged"


def all_columns(table: type[TenantModel]) -> TenantQuery[Any]:
    columns = table.table().columns
    return TenantQuery(table, untyped_projection(columns.keys()), select(*columns))


@pytest.mark.parametrize("table", [ApplicationRow, InterviewRow, EventRow])
def test_rows_are_those_that_sqlalchemy_reads(service: Service, table: type[TenantModel]) -> None:
    ada = service.candidate()
    salary = {"minimum": 1, "currency": "GBP", "period": "year"}
    application = {"company": {"name": "Acme"}, "job_title": "Engineer", "salary": salary}
    application_id = ada.does("POST", "/v1/applications", application)["id"]
    interview = {"round": "first", "format": "video", "starts_at": "2026-11-02T10:00:00Z"}
    ada.does("POST", f"/v1/applications/{application_id}/interviews", interview)
    query = all_columns(table)
    statement = query.for_role(Role.SERVICE)
    params = {"workspace_id": ada.workspace_id}

    def both(connection: Connection) -> tuple[list[Any], list[Any]]:
        service.runner.database.set_workspace(connection, ada.workspace_id)
        compiled = compile_cached(statement, connection.dialect)
        rows = compiled.fetch_all(connection, params, query.projection._make)
        return rows, list(connection.execute(statement, params))

    ours, theirs = service.runner.database.readers.run_sync(both)
    assert ours
    assert [row._asdict() for row in ours] == [dict(row._mapping) for row in theirs]  # noqa: SLF001 - public names


def test_errors_are_those_of_sqlalchemy_without_parameters(
    service: Service,
) -> None:
    workspace = service.workspace()

    def leave_out(connection: Connection) -> None:
        service.runner.database.set_workspace(connection, workspace)
        statement = insert(ApplicationRow.table())
        row = {"workspace_id": workspace, "id": new_id("app"), "job_title": SECRET_TEXT}
        compile_cached(statement, connection.dialect, tuple(row)).execute(connection, row)

    with pytest.raises(IntegrityError) as failed:
        service.runner.database.writers.run_sync(leave_out)
    assert not failed.value.connection_invalidated
    assert failed.value.params is None
    assert "INSERT INTO applications" in str(failed.value)


def test_a_lost_connection_is_reported_as_invalidated(service: Service) -> None:
    def lose(connection: Connection) -> None:
        if service.runner.database.is_sqlite:
            raw: Any = connection.connection.driver_connection
            raw.close()
        execute_raw(connection, "SELECT pg_terminate_backend(pg_backend_pid())")

    writers = service.runner.database.writers
    with pytest.raises(DBAPIError) as lost:
        writers.run_sync(lose)
    assert lost.value.connection_invalidated
    assert (
        writers.run_sync(lambda connection: connection.execute(text("SELECT 1")).scalar_one()) == 1
    )


def test_a_list_of_values_is_left_to_sqlalchemy(service: Service) -> None:
    listed = select(ApplicationRow.id).where(ApplicationRow.id.in_(["app_1"]))
    one = APPLICATION_BY_ID.for_role(Role.CANDIDATE)
    dialect = service.runner.database.readers.engine.dialect
    assert not compile_cached(listed, dialect).is_static
    assert compile_cached(one, dialect).is_static


def test_a_lost_connection_is_not_replaced_within_its_unit_of_work(postgresql_url: str) -> None:
    runner = build_runner(Settings(database_url=postgresql_url, secret=SECRET))
    writers = runner.database.writers

    def go_on(connection: Connection) -> None:
        with writers.transaction(connection):
            with suppress(DBAPIError):
                execute_raw(connection, "SELECT pg_terminate_backend(pg_backend_pid())")
            execute_raw(connection, "SELECT 1")

    with pytest.raises(PendingRollbackError):
        writers.run_sync(go_on)
    assert (
        writers.run_sync(lambda connection: connection.execute(text("SELECT 1")).scalar_one()) == 1
    )
    runner.database.close()


def test_unreadable_rows_raise_sqlalchemy_s_error_and_leave_no_cursor_open(
    service: Service,
) -> None:
    database = service.runner.database
    if not database.is_sqlite:
        pytest.skip("SQLite alone reads rows while they are fetched")
    spoilt = select(literal_column("CAST(X'ff' AS TEXT)", String()).label("spoilt")).select_from(
        select(literal_column("1")).union_all(select(literal_column("2"))).subquery()
    )

    def read(connection: Connection) -> None:
        compile_cached(spoilt, connection.dialect).fetch_all(connection, {}, tuple)

    with pytest.raises(OperationalError) as unread:
        database.readers.run_sync(read)
    busy = database.writers.run_sync(
        lambda connection: connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    )
    assert not busy, unread


def test_statements_with_values_computed_at_execution_are_rejected(service: Service) -> None:
    dialect = service.runner.database.writers.engine.dialect
    table = Table("any", MetaData(), Column("id", String), Column("n", String, default="x"))
    with pytest.raises(TypeError):
        compile_cached(insert(table), dialect, ("id",))
    listed = compile_cached(delete(table).where(table.c.id.in_(["one"])), dialect)
    with pytest.raises(TypeError):
        listed.bind_params({})
