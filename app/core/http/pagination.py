"""Pages by keyset: "the rows after this one", never "skip so many".

The cost of a page does not depend on how far down it is, and a row that does
not change during the walk is seen exactly once. The statements of a list are
built once for each combination of filters and sort.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import bindparam, tuple_

from app.core.http.schemas import Page
from app.core.persistence.base import Base
from app.core.persistence.tenancy import AnySelect, TenantModelT, TenantQuery
from app.core.problems import CursorInvalid
from app.core.unit_of_work.session import ReadSession
from app.kit.cursors import TamperedCursorError
from app.kit.digest import digest

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Order:
    """One declared way to sort a list: by a column, then by id where that column ties."""

    column: Any
    descending: bool = False


@dataclass(frozen=True, slots=True)
class KeysetQuery(Generic[TenantModelT]):
    """The two statements of a sorted list: its first page, and the page after a row."""

    order: Order
    first: TenantQuery[TenantModelT]
    after: TenantQuery[TenantModelT]


def keyset_query(
    over: type[TenantModelT], statement: AnySelect, order: Order
) -> KeysetQuery[TenantModelT]:
    """Build the statements that walk this list in this order."""
    key = _key(over, order)
    place = tuple_(*(bindparam(f"after_{n}", type_=column.type) for n, column in enumerate(key)))
    beyond = tuple_(*key) < place if order.descending else tuple_(*key) > place
    ordered = statement.order_by(
        *(column.desc() if order.descending else column.asc() for column in key)
    ).limit(bindparam("limit"))
    return KeysetQuery(order, TenantQuery(over, ordered), TenantQuery(over, ordered.where(beyond)))


def fetch_page(
    work: ReadSession,
    walk: KeysetQuery[Any],
    present: Callable[[Sequence[Any]], list[Item]],
    *,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
    is_feed: bool = False,
) -> Page[Item]:
    """Return one page; raise CursorInvalid for a cursor that is not of this very list.

    `present` gets all rows of the page at once, so that what belongs to them can be read at once.
    A list that grows at its end leads on from its last page too, to what will be added.
    """
    names = [column.key for column in _key(walk.first.over, walk.order)]
    binding = _binding(work, walk, filters)
    query, place = walk.first, {}
    if cursor is not None:
        query, place = walk.after, _open(work, walk, cursor, binding)
    rows = work.all(query, **filters, **place, limit=limit + 1)
    shown = rows[:limit]
    has_more = len(rows) > limit
    sealed = cursor if is_feed else None
    if has_more or (is_feed and shown):
        sealed = work.signer.encode(
            [_write(getattr(shown[-1], name)) for name in names], binding=binding
        )
    return Page(data=present(shown), has_more=has_more, next_cursor=sealed)


def _key(over: type[Base], order: Order) -> tuple[Any, ...]:
    identity = over.id  # type: ignore[attr-defined]  # every owned table has one
    return (identity,) if order.column is identity else (order.column, identity)


def _binding(work: ReadSession, walk: KeysetQuery[Any], filters: Mapping[str, Any]) -> str:
    return digest(
        [
            work.caller.workspace_id,
            work.caller.member_id,
            walk.first.over.__tablename__,
            str(walk.order.column),
            walk.order.descending,
            {name: str(value) for name, value in filters.items()},
        ]
    )


def _open(work: ReadSession, walk: KeysetQuery[Any], cursor: str, binding: str) -> dict[str, Any]:
    try:
        place = work.signer.decode(cursor, binding=binding)
    except TamperedCursorError:
        raise CursorInvalid from None
    key = _key(walk.first.over, walk.order)
    return {
        f"after_{n}": _read(column.type.python_type, text)
        for n, (column, text) in enumerate(zip(key, place, strict=True))
    }


def _write(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _read(kind: type, text: str) -> object:
    if issubclass(kind, datetime):
        return datetime.fromisoformat(text)
    return date.fromisoformat(text) if issubclass(kind, date) else text
