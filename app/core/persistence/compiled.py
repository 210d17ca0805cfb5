"""Compiled statements: compiled once by SQLAlchemy, executed on the driver's cursor.

SQLAlchemy builds each statement, renders it for the database and knows how each type is stored.
Its execution layer costs several times what a small statement costs (figures in
`docs/decisions/0017`), so statements that run in every request skip it. Errors of the driver are
raised as SQLAlchemy raises them. Errors before that (a malformed id, a missing parameter) are
raised as they are.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError, PendingRollbackError

Row = TypeVar("Row")
Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete
Params = Mapping[str, object]

_CACHE_SIZE = 2048
_NOT_STATIC = "lists and values computed at each execution are left to SQLAlchemy"
_LOST = "the connection was lost earlier in this unit of work"
log = logging.getLogger("debrief.statements").debug
"""Logs the text of a statement that is sent to the driver."""

_Processor = Callable[[Any], Any]


class CompiledStatement:
    """SQL text with the bind and result processors of its types."""

    def __init__(
        self, statement: Statement, dialect: Dialect, column_names: Collection[str] = ()
    ) -> None:
        """Compile it; an INSERT or UPDATE sets the columns that are among these names."""
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(column_names) or None)
        if compiled.insert_prefetch or compiled.update_prefetch:
            raise TypeError(_NOT_STATIC)
        self.text = str(compiled)
        # An expanding parameter is rendered at each execution: its length is part of the text.
        self.is_static = not compiled.post_compile_params
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        names = compiled.positiontup or list(binds)
        self._names = None if compiled.positional else names
        self._keys = [binds[name].key for name in names]
        self._constants = {bind.key: bind.value for bind in binds.values() if not bind.required}
        processors = {
            bind.key: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for bind in binds.values()
        }
        self._bind_processors = [(key, process) for key, process in processors.items() if process]
        self._types = [column.type.dialect_impl(dialect) for column in statement.exported_columns]
        self._result_processors: list[tuple[int, _Processor]] | None = None

    def fetch_all(
        self, connection: Connection, params: Params, make_row: Callable[[Sequence[Any]], Row]
    ) -> list[Row]:
        """Execute it, and return the rows that it selects or returns."""
        cursor = execute_raw(connection, self.text, self.bind_params(params))
        try:
            rows, description = cursor.fetchall(), cursor.description
        except connection.dialect.loaded_dbapi.Error as error:
            raise wrap_driver_error(connection, self.text, error) from error
        finally:  # an open cursor would keep SQLite's read snapshot for as long as the error lives
            cursor.close()
        processors = self._result_processors
        if processors is None:  # some depend on the type codes, known from the first result only
            processors = self._result_processors = self._processors_of(connection, description)
        return [make_row(_processed(row, processors)) for row in rows]

    def execute(self, connection: Connection, params: Params) -> int:
        """Execute it, and return how many rows it changed."""
        count: int = execute_raw(connection, self.text, self.bind_params(params)).rowcount
        return count

    def executemany(self, connection: Connection, rows: Sequence[Params]) -> None:
        """Execute it once for each of these sets of parameters."""
        execute_raw(connection, self.text, [self.bind_params(row) for row in rows], many=True)

    def execute_each(self, connection: Connection, rows: Sequence[Params]) -> None:
        """Execute it for each of these, without executemany's overhead for a single one."""
        if len(rows) == 1:
            self.execute(connection, rows[0])
        else:
            self.executemany(connection, rows)

    @cached_property
    def libpq_text(self) -> str:
        """The text with the placeholders `$1`, `$2`, … for the `positional_params`."""
        return self.text % {name: f"${index}" for index, name in enumerate(self._names or (), 1)}

    def positional_params(self, params: Params) -> list[Any]:
        """Return the values as the driver takes them, in the order of their placeholders."""
        if not self.is_static:
            raise TypeError(_NOT_STATIC)
        values = {**self._constants, **params}
        for key, process in self._bind_processors:
            values[key] = process(values[key])
        return [values[key] for key in self._keys]

    def bind_params(self, params: Params) -> Any:  # noqa: ANN401 - the driver accepts either
        """Return the values for the driver: a list, or a dict if its placeholders are named."""
        values = self.positional_params(params)
        return values if self._names is None else dict(zip(self._names, values, strict=True))

    def _processors_of(
        self, connection: Connection, description: Sequence[Sequence[Any]]
    ) -> list[tuple[int, _Processor]]:
        processors = (
            kind.result_processor(connection.dialect, column[1])
            for kind, column in zip(self._types, description, strict=True)
        )
        return [(index, process) for index, process in enumerate(processors) if process]


@dataclass(frozen=True, slots=True)
class DeferredStatement:
    """A statement whose result is not needed, with the parameters of each execution."""

    statement: CompiledStatement
    rows: Sequence[Params]


@lru_cache(maxsize=_CACHE_SIZE)
def compile_cached(
    statement: Statement, dialect: Dialect, column_names: Collection[str] = ()
) -> CompiledStatement:
    """Return the statement compiled for this database; cached by the identity of the statement."""
    return CompiledStatement(statement, dialect, column_names)


def execute_raw(
    connection: Connection, text: str, params: object = (), *, many: bool = False
) -> Any:  # noqa: ANN401 - a driver's cursor
    """Execute SQL text on the driver's cursor; raise what SQLAlchemy raises when it fails."""
    log(text)
    raw = raw_connection(connection)
    try:
        cursor = raw.cursor()
        (cursor.executemany if many else cursor.execute)(text, params)
    except connection.dialect.loaded_dbapi.Error as error:
        raise wrap_driver_error(connection, text, error) from error
    return cursor


def raw_connection(connection: Connection) -> Any:  # noqa: ANN401 - a driver's own connection
    """Return the driver's connection; raise PendingRollbackError where it was lost.

    SQLAlchemy would reconnect, and the new connection would have no transaction.
    """
    if connection.invalidated:
        raise PendingRollbackError(_LOST)
    return connection.connection.driver_connection


def wrap_driver_error(connection: Connection, text: str, error: Any) -> Exception:  # noqa: ANN401 - a driver's own
    """Return the DBAPIError that SQLAlchemy raises for a driver's error, without parameters.

    Parameters contain user content, and errors are logged.
    """
    dialect = connection.dialect
    is_disconnect = dialect.is_disconnect(error, connection.connection.driver_connection, None)
    if is_disconnect:
        connection.invalidate(error)
    wrapped: Exception = DBAPIError.instance(
        text,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_disconnect,
        dialect=dialect,
    )
    return wrapped


def _processed(row: Sequence[Any], processors: list[tuple[int, _Processor]]) -> Sequence[Any]:
    values = list(row)
    for index, process in processors:
        values[index] = process(values[index])
    return values
