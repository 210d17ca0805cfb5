"""Personal data: which tables hold records of a person, found from the tables themselves.

A table with a `candidate_id` or `member_id` column holds records of that person. Export and
erasure use the same list, so that what is exported is also erased.
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
from app.core.persistence.projections import untyped_projection
from app.core.persistence.tenancy import TenantQuery
from app.core.persistence.types import TypeIdType, UtcDateTime

_OWNER_COLUMNS = ("candidate_id", "member_id")
_AUTHOR_COLUMN = "written_by"  # of a record about somebody else

NON_PERSONAL_TABLES: dict[str, str] = {
    "models": "fitted to the cases of a whole workspace; refitted after an erasure, without them",
}
"""Tables with an owner column whose rows are nobody's personal data, each with the reason."""


@dataclass(frozen=True, slots=True)
class PersonalDataTable:
    """One kind of record that belongs to a person.

    `query` reads the records of a person in the order of their ids, with those that they wrote
    into records of others. `deletion` deletes those that are their own.
    """

    kind: str
    table: type[TenantModel]
    query: TenantQuery[Any]
    deletion: Delete


@cache
def personal_data_tables() -> tuple[PersonalDataTable, ...]:
    """Return every kind of record, parents first.

    Call it only when all models are imported, so not at import time.
    """
    models = {model.table(): model for model in _concrete_models(TenantModel)}
    return tuple(
        _personal_data_table(models[table])
        for table in Base.metadata.sorted_tables
        if table in models and table.name not in NON_PERSONAL_TABLES
    )


@cache
def unlink_statements() -> tuple[Update, ...]:
    """Return UPDATEs that remove references to an erased member from the rows of others.

    Nullable columns become NULL. `written_by` becomes the owner of the row: text that the member
    wrote into somebody else's record stays there.
    """
    return tuple(
        _unlink(table, column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if is_member_reference(column)
        and column.name not in _OWNER_COLUMNS
        and "workspace_id" in table.columns
    )


def owner_of(table: Table) -> ColumnElement[Any] | None:
    """Return the column with the owner of a row; None when rows belong to nobody."""
    if table is MemberRow.table():
        return table.c.id
    return next((table.c[name] for name in _OWNER_COLUMNS if name in table.columns), None)


def is_member_reference(column: ColumnElement[Any]) -> bool:
    """Whether a column holds the id of a member, other than as the key of the row."""
    is_own = getattr(column, "primary_key", False)
    return isinstance(column.type, TypeIdType) and column.type.prefix == "mem" and not is_own


def _concrete_models(root: type[TenantModel]) -> list[type[TenantModel]]:
    children = [model for child in root.__subclasses__() for model in _concrete_models(child)]
    return children if "__table__" not in vars(root) else [root, *children]


def _personal_data_table(model: type[TenantModel]) -> PersonalDataTable:
    table = model.table()
    owner = owner_of(table)
    assert owner is not None, table.name  # noqa: S101 - a test holds every table to it
    person = bindparam("person", type_=TypeIdType("mem"))
    is_author = [table.c[_AUTHOR_COLUMN] == person] if _AUTHOR_COLUMN in table.columns else []
    exported = [column for column in table.columns if not _is_secret(column)]
    statement = (
        select(*exported)
        .where(or_(owner == person, *is_author), table.c.id > bindparam("after"))
        .order_by(table.c.id)
        .limit(bindparam("limit"))
    )
    projection = untyped_projection(column.name for column in exported)
    deletion = delete(table).where(table.c.workspace_id == bindparam("workspace"), owner == person)
    query = TenantQuery(model, projection, statement)
    return PersonalDataTable(_kind(model), model, query, deletion)


def _is_secret(column: ColumnElement[Any]) -> bool:
    """Whether a column holds a digest or a ciphertext, which mean nothing to the person."""
    return isinstance(column.type, LargeBinary) or "is_secret" in column.info


def _kind(model: type[TenantModel]) -> str:
    """Return the kind of a record: signal_sheet for SignalSheetRow."""
    name = model.__name__.removesuffix("Row")
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


def _unlink(table: Table, column: ColumnElement[Any]) -> Update:
    replacement: Any = null() if getattr(column, "nullable", False) else table.c.candidate_id
    return (
        update(table)
        .where(
            table.c.workspace_id == bindparam("workspace"),
            column == bindparam("person", type_=TypeIdType("mem")),
        )
        .values(
            {
                column.name: replacement,
                "version": table.c.version + 1,
                "updated_at": bindparam("now", type_=UtcDateTime()),
            }
        )
    )
