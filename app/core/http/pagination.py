"""Keyset pagination: a page is the rows after the last row of the page before, without OFFSET.

Every page of a list costs the same. A row that does not change while a client reads all pages is
returned exactly once. The statements of a list are built once for each combination of filters and
sort. Cursors are signed and bound to one list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic

from sqlalchemy import bindparam, tuple_

from app.core.http.representations import JsonView, ResourcePage
from app.core.persistence.base import TenantModel
from app.core.persistence.tenancy import AnySelect, Projection, TenantQuery
from app.core.problems import CursorInvalid
from app.core.unit_of_work.session import ReadSession
from app.kit.cursors import TamperedCursorError
from app.kit.digest import digest


@dataclass(frozen=True, slots=True)
class Order:
    """One declared sort order: by a column, and by id between equal values of it."""

    column: Any
    descending: bool = False


@dataclass(frozen=True, slots=True)
class KeysetQuery(Generic[Projection]):
    """The two statements of a sorted list: its first page, and the page after a row."""

    order: Order
    first: TenantQuery[Projection]
    after: TenantQuery[Projection]


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[Projection]):
    """The rows of one page."""

    rows: Sequence[Projection]
    has_more: bool
    next_cursor: str | None


def keyset_query(
    model: type[TenantModel], projection: type[Projection], statement: AnySelect, order: Order
) -> KeysetQuery[Projection]:
    """Build the statements of a list in this order; the sort column must be selected."""
    key = _key(model, order)
    last = tuple_(*(bindparam(f"after_{n}", type_=column.type) for n, column in enumerate(key)))
    beyond = tuple_(*key) < last if order.descending else tuple_(*key) > last
    ordered = statement.order_by(
        *(column.desc() if order.descending else column.asc() for column in key)
    ).limit(bindparam("limit"))
    return KeysetQuery(
        order,
        TenantQuery(model, projection, ordered),
        TenantQuery(model, projection, ordered.where(beyond)),
    )


def fetch_page(
    session: ReadSession,
    query: KeysetQuery[Projection],
    view: JsonView[Projection],
    *,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
    is_feed: bool = False,
) -> ResourcePage[Projection]:
    """Return one page with its view; arguments and errors are those of `fetch_rows`."""
    page = fetch_rows(session, query, filters=filters, limit=limit, cursor=cursor, is_feed=is_feed)
    return ResourcePage(page.rows, view, page.has_more, page.next_cursor)


def fetch_rows(
    session: ReadSession,
    query: KeysetQuery[Projection],
    *,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
    is_feed: bool = False,
) -> KeysetPage[Projection]:
    """Return the rows of one page; raise CursorInvalid for a cursor of another list.

    The last page of a feed has a cursor too, which leads to the rows that are appended later.
    """
    names = [column.key for column in _key(query.first.model, query.order)]
    binding = _binding(session, query, filters)
    statement, after = query.first, {}
    if cursor is not None:
        statement, after = query.after, _decode(session, query, cursor, binding)
    rows = session.all(statement, **filters, **after, limit=limit + 1)
    shown = rows[:limit]
    has_more = len(rows) > limit
    next_cursor = cursor if is_feed else None
    if has_more or (is_feed and shown):
        next_cursor = session.signer.encode(
            [_to_text(getattr(shown[-1], name)) for name in names], binding=binding
        )
    return KeysetPage(shown, has_more, next_cursor)


def _key(model: type[TenantModel], order: Order) -> tuple[Any, ...]:
    return (model.id,) if order.column is model.id else (order.column, model.id)


def _binding(session: ReadSession, query: KeysetQuery[Any], filters: Mapping[str, Any]) -> str:
    return digest(
        [
            session.caller.workspace_id,
            session.caller.member_id,
            query.first.model.__tablename__,
            str(query.order.column),
            query.order.descending,
            {name: str(value) for name, value in filters.items()},
        ]
    )


def _decode(
    session: ReadSession, query: KeysetQuery[Any], cursor: str, binding: str
) -> dict[str, Any]:
    try:
        last = session.signer.decode(cursor, binding=binding)
    except TamperedCursorError:
        raise CursorInvalid from None
    key = _key(query.first.model, query.order)
    return {
        f"after_{n}": _from_text(column.type.python_type, text)
        for n, (column, text) in enumerate(zip(key, last, strict=True))
    }


def _to_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _from_text(kind: type, text: str) -> object:
    if issubclass(kind, datetime):
        return datetime.fromisoformat(text)
    return date.fromisoformat(text) if issubclass(kind, date) else text
