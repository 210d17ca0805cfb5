"""Projections: the rows of a statement as a NamedTuple, checked when the module is imported.

A function that reads a column that the statement does not select is a type error, because the
NamedTuple has no such field. The type checker cannot see whether the fields are the selected
columns; that is checked here, once for each statement.
"""

from collections import namedtuple
from collections.abc import Iterable
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from sqlalchemy import Column, ColumnElement, Select
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.elements import Label

from app.core.persistence.base import Base


class ProjectionError(TypeError):
    """The fields of a projection are not the columns that its statement selects."""


def check_projection(projection: type[Any], statement: Select[Any]) -> None:
    """Raise ProjectionError unless fields and columns agree in name, order and type.

    A field may be optional where its column is not: the column of an outer join is. The type of
    an expression is known only as far as SQLAlchemy knows it.
    """
    fields: tuple[str, ...] = projection._fields
    columns, hints = statement.exported_columns, get_type_hints(projection)
    if fields != tuple(columns.keys()):
        message = f"{projection.__name__} has the fields {fields}, selected: {columns.keys()}"
        raise ProjectionError(message)
    for name, column in columns.items():
        if name in hints and not _fits(hints[name], column):
            message = f"{projection.__name__}.{name} is {hints[name]}, its column is another type"
            raise ProjectionError(message)


def untyped_projection(columns: Iterable[str]) -> type[Any]:
    """Return a projection for a table that is known at run time only."""
    return namedtuple("Row", list(columns))  # noqa: PYI024 - no field is known


def _fits(field: Any, column: ColumnElement[Any]) -> bool:  # noqa: ANN401 - any type expression
    source = column.element if isinstance(column, Label) else column
    declared = _declared_type(source)
    if declared is not None:
        expected, actual = _members(declared), _members(field)
        return actual - {NoneType} == expected - {NoneType} and (
            NoneType not in expected or NoneType in actual
        )
    try:
        python_type = column.type.python_type
    except NotImplementedError:
        return True
    return any(_runtime_type(member) is python_type for member in _members(field))


def _declared_type(column: ColumnElement[Any]) -> Any:  # noqa: ANN401 - any type expression
    """Return X of the `Mapped[X]` that declares a column; None for an expression."""
    if not isinstance(column, Column):
        return None
    table = getattr(column.table, "element", column.table)  # under an alias, the table itself
    return _declared_types(table.name).get(column.key)


@cache
def _declared_types(table_name: str) -> dict[str, Any]:
    (model,) = (
        mapper.class_
        for mapper in Base.registry.mappers
        if mapper.local_table is Base.metadata.tables[table_name]
    )
    hints = get_type_hints(model)
    return {name: get_args(hint)[0] for name, hint in hints.items() if get_origin(hint) is Mapped}


def _members(hint: Any) -> frozenset[Any]:  # noqa: ANN401 - any type expression
    """Return the alternatives of a union, or the one type."""
    is_union = get_origin(hint) in {Union, UnionType}
    return frozenset(get_args(hint) if is_union else (hint,))


def _runtime_type(hint: Any) -> Any:  # noqa: ANN401 - any type expression
    """Return the class behind a NewType or a generic alias."""
    while hasattr(hint, "__supertype__"):
        hint = hint.__supertype__
    return get_origin(hint) or hint
