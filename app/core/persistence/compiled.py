"""Statements that are compiled once, and run by the driver itself.

SQLAlchemy builds each statement, spells it for the database at hand and knows how each type is
kept. What it does besides, at every execution, takes several times as long as a small statement
itself: `docs/decisions/0017` has the figures. What the driver refuses is told as SQLAlchemy tells
it; what is wrong before, a malformed id or a missing value, is told as it is.
"""

import logging
from collections import namedtuple
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError, PendingRollbackError

Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete
Values = Mapping[str, object]

_KEPT = 2048
_NOT_PREPARED = "lists and values worked out at each execution are left to SQLAlchemy"
_LOST = "the connection was lost earlier in this unit of work"
log = logging.getLogger("debrief.statements").debug
"""Takes down the text of a statement that goes to the driver."""

_Process = Callable[[Any], Any]


class CompiledStatement:
    """A statement as the driver takes it, and what becomes of values on their way in and out."""

    def __init__(self, statement: Statement, dialect: Dialect, given: Collection[str] = ()) -> None:
        """Compile it; an insert or update sets the columns that are among the given names."""
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(given) or None)
        if compiled.insert_prefetch or compiled.update_prefetch:
            raise TypeError(_NOT_PREPARED)
        self.text = str(compiled)
        # The length of a list is part of the text.
        self.is_static = not compiled.post_compile_params
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        names = compiled.positiontup or list(binds)
        self._names = None if compiled.positional else names
        self._keys = [binds[name].key for name in names]
        self._fixed = {bind.key: bind.value for bind in binds.values() if not bind.required}
        processes = {
            bind.key: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for bind in binds.values()
        }
        self._inward = [(key, process) for key, process in processes.items() if process]
        columns = statement.exported_columns
        self._kinds = [column.type.dialect_impl(dialect) for column in columns]
        self._outward: list[tuple[int, _Process]] | None = None
        self._make = _row_of([str(name) for name in columns.keys()])  # noqa: SIM118 - no mapping

    def fetch_all(self, connection: Connection, values: Values) -> list[Any]:
        """Run it, and return what it selects or returns."""
        cursor = execute_raw(connection, self.text, self.bind_params(values))
        try:
            found, described = cursor.fetchall(), cursor.description
        except connection.dialect.loaded_dbapi.Error as error:
            raise wrap_driver_error(connection, self.text, error) from error
        finally:  # else SQLite goes on reading as of then for as long as an error is held
            cursor.close()
        outward = self._outward
        if outward is None:  # how some values come is known from the first answer only
            pairs = zip(self._kinds, described, strict=True)
            processes = (
                kind.result_processor(connection.dialect, column[1]) for kind, column in pairs
            )
            outward = self._outward = [
                (place, process) for place, process in enumerate(processes) if process
            ]
        return [self._make(_processed(row, outward)) for row in found]

    def execute(self, connection: Connection, values: Values) -> int:
        """Run it, and return how many rows it has changed."""
        count: int = execute_raw(connection, self.text, self.bind_params(values)).rowcount
        return count

    def executemany(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Run it once for each of these."""
        execute_raw(connection, self.text, [self.bind_params(row) for row in rows], many=True)

    def execute_each(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Run it for each of these; drivers need not be told of one as of many."""
        if len(rows) == 1:
            self.execute(connection, rows[0])
        else:
            self.executemany(connection, rows)

    @cached_property
    def libpq_text(self) -> str:
        """The text with `$1` and so on for its values, which are then told `in_order`."""
        return self.text % {name: f"${place}" for place, name in enumerate(self._names or (), 1)}

    def positional_params(self, values: Values) -> list[Any]:
        """Return these values as the driver takes them, in the order of their numbers."""
        if not self.is_static:
            raise TypeError(_NOT_PREPARED)
        every = {**self._fixed, **values}
        for key, process in self._inward:
            every[key] = process(every[key])
        return [every[key] for key in self._keys]

    def bind_params(self, values: Values) -> Any:  # noqa: ANN401 - of a driver
        """Return these values as the driver takes them."""
        told = self.positional_params(values)
        return told if self._names is None else dict(zip(self._names, told, strict=True))


@lru_cache(maxsize=_KEPT)
def compile_cached(
    statement: Statement, dialect: Dialect, given: Collection[str] = ()
) -> CompiledStatement:
    """Return the statement, compiled for this database; it is known again by its identity."""
    return CompiledStatement(statement, dialect, given)


def execute_raw(connection: Connection, text: str, told: object = (), *, many: bool = False) -> Any:  # noqa: ANN401 - a driver's cursor
    """Have the driver run this; raise what SQLAlchemy raises when it fails."""
    log(text)
    raw = raw_connection(connection)
    try:
        cursor = raw.cursor()
        (cursor.executemany if many else cursor.execute)(text, told)
    except connection.dialect.loaded_dbapi.Error as error:
        raise wrap_driver_error(connection, text, error) from error
    return cursor


def raw_connection(connection: Connection) -> Any:  # noqa: ANN401 - a driver's own connection
    """Return the driver's connection; raise PendingRollbackError where it was lost.

    Another one, which SQLAlchemy would make, does not know of the BEGIN.
    """
    if connection.invalidated:
        raise PendingRollbackError(_LOST)
    return connection.connection.driver_connection


def wrap_driver_error(connection: Connection, text: str, error: Any) -> Exception:  # noqa: ANN401 - a driver's own
    """Return the exception with which SQLAlchemy tells of a driver's error."""
    dialect = connection.dialect
    is_gone = dialect.is_disconnect(error, connection.connection.driver_connection, None)
    if is_gone:
        connection.invalidate(error)
    # Without the values: what people wrote must not get into a log.
    told: Exception = DBAPIError.instance(
        text,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_gone,
        dialect=dialect,
    )
    return told


def _row_of(names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    made = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024 - as selected
    return made._make


def _processed(values: Sequence[Any], processes: list[tuple[int, _Process]]) -> Sequence[Any]:
    made = list(values)
    for place, process in processes:
        made[place] = process(made[place])
    return made
