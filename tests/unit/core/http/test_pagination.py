"""Keyset pagination: pages in a fixed order, with cursors that belong to one list."""

from typing import Any

import pytest
from sqlalchemy import select

from app.core.http.pagination import KeysetQuery, Order, fetch_rows, keyset_query
from app.core.persistence.tenancy import Role
from app.core.problems import CursorInvalid
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.tracking.people.models import CompanyRow
from app.tracking.people.repository import CompanyMatch
from tests.support.callers import Services, candidate, colleague
from tests.support.service import Service

_COMPANIES = select(*CompanyRow.columns_of(CompanyMatch))
BY_ID = keyset_query(CompanyRow, CompanyMatch, _COMPANIES, Order(CompanyRow.id))
NEWEST = keyset_query(CompanyRow, CompanyMatch, _COMPANIES, Order(CompanyRow.id, descending=True))
BY_NAME = keyset_query(CompanyRow, CompanyMatch, _COMPANIES, Order(CompanyRow.name_key))


@pytest.fixture
def ada(service: Service) -> Services:
    ada = candidate(service)

    def add(session: WriteSession) -> None:
        for name in ("delta", "alpha", "echo", "bravo", "charlie"):
            session.add(
                CompanyRow,
                candidate_id=session.caller.member_id,
                name=name,
                name_key=name,
                website=None,
            )

    ada.write(add)
    return ada


def page(ada: Services, query: KeysetQuery[CompanyMatch], **options: Any) -> Any:
    arguments: Any = {"filters": {}, "limit": 2, "cursor": None} | options
    return ada.read(lambda session: fetch_rows(session, query, **arguments))


def walk(ada: Services, query: KeysetQuery[CompanyMatch]) -> list[str]:
    names: list[str] = []
    cursor = None
    while True:
        found = page(ada, query, cursor=cursor)
        names += [row.name_key for row in found.rows]
        if not found.has_more:
            assert found.next_cursor is None
            return names
        cursor = found.next_cursor


def test_a_walk_sees_every_row_once_in_the_declared_order(ada: Services) -> None:
    assert walk(ada, BY_ID) == ["delta", "alpha", "echo", "bravo", "charlie"]
    assert walk(ada, NEWEST) == ["charlie", "bravo", "echo", "alpha", "delta"]
    assert walk(ada, BY_NAME) == ["alpha", "bravo", "charlie", "delta", "echo"]


def test_a_row_that_is_added_before_the_cursor_changes_nothing(ada: Services) -> None:
    first = page(ada, BY_NAME)

    def add(session: WriteSession) -> None:
        session.add(
            CompanyRow,
            candidate_id=session.caller.member_id,
            name="aaa",
            name_key="aaa",
            website=None,
        )

    ada.write(add)
    second = page(ada, BY_NAME, cursor=first.next_cursor)
    assert [row.name_key for row in second.rows] == ["charlie", "delta"]


def test_the_last_page_of_a_feed_has_a_cursor(ada: Services) -> None:
    last = page(ada, BY_ID, limit=10, is_feed=True)
    assert not last.has_more
    after = page(ada, BY_ID, cursor=last.next_cursor, is_feed=True)
    assert after.rows == []
    assert after.next_cursor == last.next_cursor


def test_a_cursor_belongs_to_its_list_its_filters_and_its_member(ada: Services) -> None:
    cursor = page(ada, BY_ID).next_cursor
    ben = colleague(ada, Role.CANDIDATE)
    for caller, query, filters in (
        (ada, BY_NAME, {}),
        (ada, NEWEST, {}),
        (ada, BY_ID, {"status": "active"}),
        (ben, BY_ID, {}),
    ):
        with pytest.raises(CursorInvalid):
            page(caller, query, cursor=cursor, filters=filters)
    assert page(ada, BY_ID, cursor=cursor).rows


def test_a_cursor_that_was_altered_is_rejected(ada: Services) -> None:
    cursor = page(ada, BY_ID).next_cursor
    with pytest.raises(CursorInvalid):
        page(ada, BY_ID, cursor=cursor[:-2] + ("A" if cursor[-2] != "A" else "B") + cursor[-1])


def test_a_session_reads_only_what_its_caller_may(ada: Services) -> None:
    ben = colleague(ada, Role.CANDIDATE)
    assert page(ben, BY_ID).rows == []
    assert ada.read(ReadSession.all, BY_ID.first, limit=1)
