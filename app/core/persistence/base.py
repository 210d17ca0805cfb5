"""Declarative bases of the tables.

Tables are declared with SQLAlchemy's declarative mapping; statements are Core, built once. No row
is ever an instance of its table class: a read returns a projection, a write goes through the unit
of work.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, cast

from sqlalchemy import (
    ColumnElement,
    Date,
    Enum,
    ForeignKeyConstraint,
    MetaData,
    String,
    Table,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

from app.core.persistence.types import Json, TypeIdType, UtcDateTime
from app.kit.ids import MemberId, WorkspaceId


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


class Base(DeclarativeBase):
    """All tables; migrations compare with this one metadata."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_1_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        date: Date(),
        str: String(),
        WorkspaceId: TypeIdType("ws"),
        MemberId: TypeIdType("mem"),
        dict[str, Any]: Json,
        # Stored as text without a constraint, so that a new member needs no migration.
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            create_constraint=False,
            length=None,
            values_callable=_values,
        ),
    }

    @classmethod
    def table(cls) -> Table:
        """Return the table, which Core statements change."""
        return cast("Table", cls.__table__)


class TenantModel(Base):
    """A table whose rows belong to one workspace, the tenant."""

    __abstract__ = True
    id_prefix: ClassVar[str]

    workspace_id: Mapped[WorkspaceId] = mapped_column(primary_key=True, sort_order=-3)
    id: Mapped[Any]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]

    @classmethod
    def data_columns(cls) -> list[Any]:
        """Return every column except the workspace id."""
        return [column for column in cls.table().columns if column.name != "workspace_id"]

    @classmethod
    def columns_of(cls, projection: type[tuple[Any, ...]]) -> list[Any]:
        """Return the columns that are named like the fields of a projection, in their order."""
        fields: tuple[str, ...] = projection._fields  # type: ignore[attr-defined]  # a NamedTuple
        return [getattr(cls, name) for name in fields]

    @classmethod
    def recruiter_filter(cls) -> ColumnElement[bool]:
        """Return which rows a recruiter may read: none, unless a table says otherwise."""
        return false()

    @classmethod
    def candidate_filter(cls) -> ColumnElement[bool]:
        """Return which rows of others a candidate may read: none, unless a table says otherwise."""
        return false()


class CandidateModel(TenantModel):
    """A table whose rows are records of one candidate, private to them."""

    __abstract__ = True

    candidate_id: Mapped[MemberId] = mapped_column(sort_order=-1)


class MemberModel(TenantModel):
    """A table whose rows belong to one member of any role, private to them."""

    __abstract__ = True

    member_id: Mapped[MemberId] = mapped_column(sort_order=-1)


def id_column(prefix: str) -> MappedColumn[Any]:
    """Return the second half of the primary key, after the workspace."""
    return mapped_column(TypeIdType(prefix), primary_key=True, sort_order=-2)


def tenant_foreign_key(
    parent: str, column: str, *, on_delete: str = "CASCADE"
) -> ForeignKeyConstraint:
    """Return a foreign key that cannot point into another workspace."""
    return ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{parent}.workspace_id", f"{parent}.id"],
        ondelete=on_delete,
    )
