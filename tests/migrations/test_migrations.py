"""Every revision goes up, down and up again, and ends at what the code declares."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
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
