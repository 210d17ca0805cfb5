"""Column types for both databases: TypeIDs, UTC instants and JSON."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    LargeBinary,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.kit.ids import decode, encode


class TypeIdType(TypeDecorator[str]):
    """TypeID text in Python, sixteen bytes in the database (`uuid` on PostgreSQL)."""

    impl = LargeBinary(16)
    cache_ok = True

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.prefix = prefix

    @property
    def python_type(self) -> type[str]:
        """The type of a value in Python; pagination cursors parse to it."""
        return str

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return `uuid` or sixteen bytes."""
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else LargeBinary(16))

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], Any]:
        """Return the function from TypeID text to the stored value.

        One closure, because a page of fifty rows calls it some hundred and fifty times.
        """
        prefix = self.prefix
        if dialect.name == "postgresql":
            return lambda text: None if text is None else _uuid(prefix, text)
        return lambda text: None if text is None else _bytes(prefix, text)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None]:
        """Return the function from the stored value to TypeID text."""
        del coltype
        prefix = self.prefix
        if dialect.name == "postgresql":
            return lambda value: None if value is None else encode(prefix, value.int)
        return lambda value: None if value is None else encode(prefix, _from_bytes(value, "big"))


# Cached, because the rows of one unit of work repeat the same few ids.


@lru_cache(maxsize=4096)
def _bytes(prefix: str, text: str) -> bytes:
    return decode(prefix, text).to_bytes(16, "big")


@lru_cache(maxsize=4096)
def _uuid(prefix: str, text: str) -> UUID:
    return UUID(int=decode(prefix, text))


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant in UTC; SQLite has no time zones, and stores it as UTC text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """The type of a value in Python; pagination cursors parse to it."""
        return datetime

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Return the function from an aware instant to the stored value."""
        if dialect.name == "postgresql":
            return lambda instant: instant
        return lambda instant: None if instant is None else _utc_text(instant)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None]:
        """Return the function from the stored value to an instant in UTC."""
        del coltype
        if dialect.name == "postgresql":
            return lambda value: None if value is None else value.astimezone(UTC)
        return lambda text: None if text is None else _from_iso(text + "+00:00")


@lru_cache(maxsize=256)  # the rows of one unit of work share one instant
def _utc_text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(" ", "microseconds").removesuffix("+00:00")


_from_bytes = int.from_bytes
_from_iso = datetime.fromisoformat

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
