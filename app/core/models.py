"""The base of every table, and the column types that both databases share.

Tables are declared with SQLAlchemy's declarative mapping; statements are Core,
built once. A row that was read answers to the names of its table class and is
typed as one, but it is only read: changes go through the unit of work.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, ClassVar, cast
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.kit.ids import MemberId, WorkspaceId, decode, encode


class Id(TypeDecorator[str]):
    """TypeID text in Python, sixteen bytes in the database (`uuid` on PostgreSQL)."""

    impl = LargeBinary(16)
    cache_ok = True

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.prefix = prefix

    @property
    def python_type(self) -> type[str]:
        """The type of a value in Python, which a page cursor turns its text into."""
        return str

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return `uuid` or sixteen bytes."""
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else LargeBinary(16))

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], Any]:
        """Return what turns an id into what the database keeps.

        Written as one closure, because a page of fifty rows calls it some hundred and fifty times.
        """
        prefix = self.prefix
        if dialect.name == "postgresql":
            return lambda text: None if text is None else _uuid(prefix, text)
        return lambda text: None if text is None else _octets(prefix, text)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None]:
        """Return what turns what the database keeps into an id."""
        del coltype
        prefix = self.prefix
        if dialect.name == "postgresql":
            return lambda value: None if value is None else encode(prefix, value.int)
        return lambda value: None if value is None else encode(prefix, _number(value, "big"))


# One unit of work names the same few things in many rows.


@lru_cache(maxsize=4096)
def _octets(prefix: str, text: str) -> bytes:
    return decode(prefix, text).to_bytes(16, "big")


@lru_cache(maxsize=4096)
def _uuid(prefix: str, text: str) -> UUID:
    return UUID(int=decode(prefix, text))


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC; SQLite, which has no time zones, keeps it as UTC text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """The type of a value in Python, which a page cursor turns its text into."""
        return datetime

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Return what turns an instant into what the database keeps."""
        if dialect.name == "postgresql":
            return lambda instant: instant
        return lambda instant: None if instant is None else _utc_text(instant)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None]:
        """Return what turns what the database keeps into an instant."""
        del coltype
        if dialect.name == "postgresql":
            return lambda value: None if value is None else value.astimezone(UTC)
        return lambda text: None if text is None else _parse(text + "+00:00")


@lru_cache(maxsize=256)  # all rows of one unit of work are made at the same instant
def _utc_text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(" ", "microseconds").removesuffix("+00:00")


_number = int.from_bytes
_parse = datetime.fromisoformat

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


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
        datetime: Instant(),
        date: Date(),
        str: String(),
        WorkspaceId: Id("ws"),
        MemberId: Id("mem"),
        dict[str, Any]: Json,
    }

    @classmethod
    def table(cls) -> Table:
        """Return the table itself, which Core statements change."""
        return cast("Table", cls.__table__)


class WorkspaceOwned(Base):
    """A table whose every row belongs to one workspace, the tenant."""

    __abstract__ = True
    id_prefix: ClassVar[str]

    workspace_id: Mapped[WorkspaceId] = mapped_column(primary_key=True, sort_order=-3)
    id: Mapped[Any]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]

    @classmethod
    def all_but_workspace(cls) -> list[Any]:
        """Return what is read of a row: whoever reads it is in its workspace."""
        return [column for column in cls.table().columns if column.name != "workspace_id"]

    @classmethod
    def recruiter_sees(cls) -> ColumnElement[bool]:
        """Return which rows a recruiter may see: none, unless the table says otherwise."""
        return false()

    @classmethod
    def candidate_sees(cls) -> ColumnElement[bool]:
        """Return which rows a candidate may see that are not their own: likewise."""
        return false()


class CandidateOwned(WorkspaceOwned):
    """A table whose every row is the record of one candidate, and private to that candidate."""

    __abstract__ = True

    candidate_id: Mapped[MemberId] = mapped_column(sort_order=-1)


class MemberOwned(WorkspaceOwned):
    """A table whose every row belongs to one member, whatever their role, and is theirs alone."""

    __abstract__ = True

    member_id: Mapped[MemberId] = mapped_column(sort_order=-1)


def primary_id(prefix: str) -> MappedColumn[Any]:
    """Return the second half of the primary key, after the workspace."""
    return mapped_column(Id(prefix), primary_key=True, sort_order=-2)


def references(parent: str, column: str, *, on_delete: str = "CASCADE") -> ForeignKeyConstraint:
    """Return the foreign key that points into the same workspace and nowhere else."""
    return ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{parent}.workspace_id", f"{parent}.id"],
        ondelete=on_delete,
    )
