"""The base of every table, and the column types that both databases share.

Tables are declared with SQLAlchemy's declarative mapping; statements are Core,
built once. A row that was read answers to the names of its table class and is
typed as one, but it is only read: changes go through the unit of work.
"""

from datetime import date, datetime
from typing import Any, ClassVar, cast

from sqlalchemy import (
    ColumnElement,
    Date,
    ForeignKeyConstraint,
    MetaData,
    String,
    Table,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

from app.core.persistence.types import (
    Json,
    TypeIdType,
    UtcDateTime,
)
from app.kit.ids import MemberId, WorkspaceId


class Base(DeclarativeBase):
    """All tables; one metadata, which migrations compare with."""

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
    }

    @classmethod
    def table(cls) -> Table:
        """Return the table itself, which Core statements change."""
        return cast("Table", cls.__table__)


class TenantModel(Base):
    """A table whose every row belongs to one workspace, the tenant."""

    __abstract__ = True
    id_prefix: ClassVar[str]

    workspace_id: Mapped[WorkspaceId] = mapped_column(primary_key=True, sort_order=-3)
    id: Mapped[Any]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]

    @classmethod
    def data_columns(cls) -> list[Any]:
        """Return what is read of a row: whoever reads it is in its workspace."""
        return [column for column in cls.table().columns if column.name != "workspace_id"]

    @classmethod
    def recruiter_filter(cls) -> ColumnElement[bool]:
        """Return which rows a recruiter may see: none, unless the table says otherwise."""
        return false()

    @classmethod
    def candidate_filter(cls) -> ColumnElement[bool]:
        """Return which rows a candidate may see that are not their own: likewise."""
        return false()


class CandidateModel(TenantModel):
    """A table whose every row is the record of one candidate, and private to that candidate."""

    __abstract__ = True

    candidate_id: Mapped[MemberId] = mapped_column(sort_order=-1)


class MemberModel(TenantModel):
    """A table whose every row belongs to one member, whatever their role, and is theirs alone."""

    __abstract__ = True

    member_id: Mapped[MemberId] = mapped_column(sort_order=-1)


def id_column(prefix: str) -> MappedColumn[Any]:
    """Return the second half of the primary key, after the workspace."""
    return mapped_column(TypeIdType(prefix), primary_key=True, sort_order=-2)


def tenant_foreign_key(
    parent: str, column: str, *, on_delete: str = "CASCADE"
) -> ForeignKeyConstraint:
    """Return the foreign key that points into the same workspace and nowhere else."""
    return ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{parent}.workspace_id", f"{parent}.id"],
        ondelete=on_delete,
    )
