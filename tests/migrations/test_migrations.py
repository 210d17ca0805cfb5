"""Every revision goes up, down and up again, and ends at what the code declares."""

from collections.abc import Callable
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from app.core.database import database_url
from app.core.models import Base
from app.core.schema_version import NotMigratedError, check_migrated, current_revision, migrate
from app.core.settings import Settings
from app.core.tenancy import BEFORE_SIGN_IN, owned_tables


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings over a database without tables."""
    if request.param == "sqlite":
        return Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('empty')}/new/d.db")
    url = request.getfixturevalue("postgresql_url")
    schema = f"empty_{request.node.name.split('[')[0]}"
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    joint = "&" if "?" in url else "?"
    return Settings(database_url=f"{url}{joint}options=-csearch_path%3D{schema}")


def test_every_revision_goes_up_down_and_up_again(empty: Settings) -> None:
    head = migrate(empty)
    assert head is not None
    assert migrate(empty, "base") is None
    assert migrate(empty) == head


def test_the_migrated_tables_are_those_the_code_declares(empty: Settings) -> None:
    migrate(empty)
    engine = create_engine(database_url(empty), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_empty_database_is_refused_with_the_command_that_helps(empty: Settings) -> None:
    with pytest.raises(NotMigratedError, match="Run: debrief migrate"):
        check_migrated(empty)
    migrate(empty)
    check_migrated(empty)


def test_every_owned_table_is_keyed_and_referenced_by_workspace(empty: Settings) -> None:
    migrate(empty)
    engine = create_engine(database_url(empty), poolclass=NullPool)
    with engine.connect() as connection:
        looked = inspect(connection)
        for table in owned_tables():
            assert looked.get_pk_constraint(table)["constrained_columns"] == ["workspace_id", "id"]
            for key in looked.get_foreign_keys(table):
                assert key["constrained_columns"][0] == "workspace_id"


def test_postgresql_guards_every_owned_table_by_row_level_security(empty: Settings) -> None:
    if empty.is_sqlite:
        assert current_revision(empty) is None
        return
    migrate(empty)
    engine = create_engine(database_url(empty), poolclass=NullPool)
    guarded = text(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = current_schema() AND c.relrowsecurity AND c.relforcerowsecurity"
    )
    with engine.connect() as connection:
        assert set(connection.execute(guarded).scalars()) == owned_tables() - BEFORE_SIGN_IN


def test_of_the_cases_there_are_those_that_had_a_result_are_frozen(empty: Settings) -> None:
    migrate(empty, "0009")
    everybody = {"is_migration": True}
    engine = create_engine(database_url(empty), poolclass=NullPool, execution_options=everybody)
    told = "workspace_id, id, candidate_id, application_id, created_at, updated_at, version, result"
    with engine.begin() as connection:
        spelt = _id_of(connection)
        if not empty.is_sqlite:  # which looks for parents only when it is told to
            for parent in ("candidate_id", "application_id"):
                connection.execute(text(f"ALTER TABLE cases DROP CONSTRAINT fk_cases_{parent}"))
        for number, result in enumerate(("'offer'", "NULL"), start=1):
            ids = ", ".join([spelt(0), *[spelt(number)] * 3])
            day = "'2026-01-02 00:00:00'"
            row = f"INSERT INTO cases ({told}) VALUES ({ids}, {day}, {day}, 1, {result})"  # noqa: S608
            connection.execute(text(row))
    migrate(empty)
    with engine.connect() as connection:
        _id_of(connection)
        found = connection.execute(text("SELECT result, is_frozen FROM cases ORDER BY id"))
        assert [tuple(row) for row in found] == [("offer", True), (None, False)]


def _id_of(connection: Connection) -> Callable[[int], str]:
    """Return how this database spells small ids; PostgreSQL sees rows of workspace 0 from now."""
    if connection.dialect.name == "sqlite":
        return "x'{:032x}'".format
    connection.execute(text(f"SELECT set_config('debrief.workspace_id', '{UUID(int=0)}', false)"))
    return lambda number: f"'{UUID(int=number)}'"
