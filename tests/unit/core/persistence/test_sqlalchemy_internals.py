"""The internals of SQLAlchemy that compiled statements and projections rest on.

When a new version of SQLAlchemy changes one of them, this test fails first and names it.
`app/core/persistence/compiled.py` and `projections.py` are the only users.
"""

import sqlite3
from typing import Any

import psycopg
import pytest
from sqlalchemy import DateTime, Dialect, String, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.elements import BindParameter

from app.core.persistence.base import Base
from app.tracking.applications.models import ApplicationRow

SQLITE = sqlite.dialect()
POSTGRESQL = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
_applications = ApplicationRow.table()
_statement = select(_applications.c.id, _applications.c.created_at.label("at")).where(
    _applications.c.workspace_id == bindparam("workspace"), _applications.c.job_title == "x"
)


def _compiled(statement: Any, dialect: Dialect, names: list[str] | None = None) -> Any:
    return statement.compile(dialect=dialect, column_keys=names)


def test_positional_parameters_are_named_in_the_order_of_their_placeholders() -> None:
    compiled = _compiled(_statement, SQLITE)
    assert compiled.positional
    assert compiled.positiontup == ["workspace", "job_title_1"]
    assert str(compiled).count("?") == 2


def test_named_parameters_have_percent_placeholders() -> None:
    compiled = _compiled(_statement, POSTGRESQL)
    assert not compiled.positional
    assert "%(workspace)s" in str(compiled)
    assert "%(job_title_1)s" in str(compiled)


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=lambda dialect: dialect.name)
def test_each_bind_has_a_key_a_value_and_a_type(dialect: Dialect) -> None:
    binds = {name: bind for bind, name in _compiled(_statement, dialect).bind_names.items()}
    workspace, title = binds["workspace"], binds["job_title_1"]
    assert isinstance(workspace, BindParameter)
    assert (workspace.key, workspace.required) == ("workspace", True)
    assert (title.required, title.value) == (False, "x")
    assert isinstance(title.type.dialect_impl(dialect), String)
    process = workspace.type.dialect_impl(dialect).bind_processor(dialect)
    assert process is not None
    assert process("ws_00000000000000000000000001")


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=lambda dialect: dialect.name)
def test_an_expanding_list_is_known_before_execution(dialect: Dialect) -> None:
    assert not _compiled(_statement, dialect).post_compile_params
    listed = _statement.where(_applications.c.id.in_(bindparam("ids", expanding=True)))
    assert _compiled(listed, dialect).post_compile_params


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=lambda dialect: dialect.name)
def test_defaults_computed_at_execution_are_known_before(dialect: Dialect) -> None:
    change = _compiled(update(_applications), dialect, ["job_title"])
    new = _compiled(insert(_applications), dialect, ["workspace_id", "id", "job_title"])
    assert list(change.update_prefetch) == []
    assert list(new.insert_prefetch) == []


def test_columns_of_a_statement_have_result_processors() -> None:
    columns = _statement.exported_columns
    assert list(columns.keys()) == ["id", "at"]
    kinds = [column.type.dialect_impl(SQLITE) for column in columns]
    assert kinds[0].result_processor(SQLITE, None) is not None
    assert DateTime().dialect_impl(SQLITE).result_processor(SQLITE, None) is not None


def test_a_driver_error_is_wrapped_as_sqlalchemy_wraps_it() -> None:
    for dialect, error, module in (
        (SQLITE, sqlite3.IntegrityError("x"), sqlite3),
        (POSTGRESQL, psycopg.IntegrityError("x"), psycopg),
    ):
        wrapped: Any = DBAPIError.instance(
            "SELECT 1", None, error, module.Error, hide_parameters=True, dialect=dialect
        )
        assert isinstance(wrapped, IntegrityError)
        assert wrapped.orig is error


def test_a_mapped_class_is_found_by_its_table() -> None:
    (model,) = (
        mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is _applications
    )
    assert model is ApplicationRow
    assert str(ApplicationRow.__annotations__["stage"]).startswith("sqlalchemy.orm.base.Mapped[")
    assert Mapped is not None
