"""What is kept about a person, and where: found from the tables themselves.

A table whose rows are somebody's says so by a column, `candidate_id` or `member_id`. What
this module finds is both exported and erased, so that neither can forget what the other knows.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Delete,
    Table,
    Update,
    bindparam,
    delete,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.sql.sqltypes import LargeBinary

from app.accounts.models import MemberRow
from app.core.persistence.base import Base, TenantModel
from app.core.persistence.tenancy import TenantQuery
from app.core.persistence.types import TypeIdType, UtcDateTime

_OWNERS = ("candidate_id", "member_id")
_AUTHOR = "written_by"  # of what one writes into another's record

NON_PERSONAL_TABLES: dict[str, str] = {
    "models": "what is believed from the cases of a whole workspace; it is found anew without them",
}
"""Owned tables whose rows are no person's, each with the reason."""


@dataclass(frozen=True, slots=True)
class PersonalDataTable:
    """One kind of record that people have here.

    `after` reads a person's records of this kind in the order of their ids, those that they
    wrote into the records of others too. `erase` deletes those that are their own.
    """

    kind: str
    table: type[TenantModel]
    after: TenantQuery[Any]
    erase: Delete


@cache
def personal_data_tables() -> tuple[PersonalDataTable, ...]:
    """Return every kind of record, parents first.

    Asked for when all rooms are there, and not when this module is imported.
    """
    models = {model.table(): model for model in _owned(TenantModel)}
    return tuple(
        _belonging(models[table])
        for table in Base.metadata.sorted_tables
        if table in models and table.name not in NON_PERSONAL_TABLES
    )


@cache
def unlink_statements() -> tuple[Update, ...]:
    """Return what lets go of a person in the records of others.

    Whom an application was open to is nobody then. What was written into somebody's record
    stays there, as if they had written it down themselves.
    """
    return tuple(
        _loosen(table, column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if is_member_reference(column)
        and column.name not in _OWNERS
        and "workspace_id" in table.columns
    )


def owner_of(table: Table) -> ColumnElement[Any] | None:
    """Return the column that says whose a row is."""
    if table is MemberRow.table():
        return table.c.id
    return next((table.c[name] for name in _OWNERS if name in table.columns), None)


def is_member_reference(column: ColumnElement[Any]) -> bool:
    """Tell whether a column holds the id of a member who is not the row itself."""
    is_own = getattr(column, "primary_key", False)
    return isinstance(column.type, TypeIdType) and column.type.prefix == "mem" and not is_own


def _owned(root: type[TenantModel]) -> list[type[TenantModel]]:
    children = [each for child in root.__subclasses__() for each in _owned(child)]
    return children if "__table__" not in vars(root) else [root, *children]


def _belonging(model: type[TenantModel]) -> PersonalDataTable:
    table = model.table()
    owner = owner_of(table)
    assert owner is not None, table.name  # noqa: S101 - a test holds every table to it
    whose = bindparam("whose", type_=TypeIdType("mem"))
    wrote = [table.c[_AUTHOR] == whose] if _AUTHOR in table.columns else []
    shown = [column for column in table.columns if not _is_secret(column)]
    statement = (
        select(*shown)
        .where(or_(owner == whose, *wrote), table.c.id > bindparam("after"))
        .order_by(table.c.id)
        .limit(bindparam("limit"))
    )
    erase = delete(table).where(table.c.workspace_id == bindparam("workspace"), owner == whose)
    return PersonalDataTable(_kind(model), model, TenantQuery(model, statement), erase)


def _is_secret(column: ColumnElement[Any]) -> bool:
    """Tell whether a column is digests or what is sealed: of no meaning to anybody else."""
    return isinstance(column.type, LargeBinary)


def _kind(model: type[TenantModel]) -> str:
    """Return what a record is called: SignalSheetRow is a signal_sheet."""
    name = model.__name__.removesuffix("Row")
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


def _loosen(table: Table, column: ColumnElement[Any]) -> Update:
    let_go: Any = null() if getattr(column, "nullable", False) else table.c.candidate_id
    return (
        update(table)
        .where(
            table.c.workspace_id == bindparam("workspace"),
            column == bindparam("whose", type_=TypeIdType("mem")),
        )
        .values(
            {
                column.name: let_go,
                "version": table.c.version + 1,
                "updated_at": bindparam("now", type_=UtcDateTime()),
            }
        )
    )
