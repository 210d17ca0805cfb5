"""Sessions: reads with a tenant filter, writes with optimistic locking."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import MultipleResultsFound

from app.core.persistence.tenancy import Role, TenantQuery
from app.core.problems import PreconditionFailed
from app.core.unit_of_work.preconditions import Preconditions
from app.core.unit_of_work.retries import ConcurrentUpdateError
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.ids import CompanyId, MalformedIdError, new_id
from app.tracking.applications.problems import ApplicationNotFound
from app.tracking.people.models import CompanyRow
from app.tracking.people.repository import COMPANY_BY_NAME, CompanyMatch
from tests.support.callers import Services, candidate, colleague
from tests.support.service import Service

ALL_COMPANIES = TenantQuery(CompanyRow, CompanyMatch, select(*CompanyRow.columns_of(CompanyMatch)))
_by_name = partial(ReadSession.get, query=COMPANY_BY_NAME, missing=ApplicationNotFound)


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


def add_company(session: WriteSession, name: str) -> CompanyId:
    return CompanyId(
        session.add(
            CompanyRow,
            candidate_id=session.caller.member_id,
            name=name,
            name_key=name.casefold(),
            website=None,
        )
    )


def test_get_raises_the_problem_when_the_caller_sees_no_row(ada: Services) -> None:
    with pytest.raises(ApplicationNotFound):
        ada.read(_by_name, name_key="nothing")
    company_id = ada.write(add_company, "Acme")
    assert ada.read(_by_name, name_key="acme").id == company_id


def test_another_candidate_does_not_see_the_row_and_the_system_does(ada: Services) -> None:
    ada.write(add_company, "Acme")
    ben = colleague(ada, Role.CANDIDATE)
    assert ben.read(ReadSession.all, ALL_COMPANIES) == []

    def as_system(session: ReadSession) -> int:
        return len(session.as_system().all(ALL_COMPANIES))

    assert ben.read(as_system) == 1


def test_one_or_none_refuses_several_rows(ada: Services) -> None:
    assert ada.read(ReadSession.one_or_none, ALL_COMPANIES) is None
    for name in ("Acme", "Brackwell"):
        ada.write(add_company, name)
    with pytest.raises(MultipleResultsFound):
        ada.read(ReadSession.one_or_none, ALL_COMPANIES)


def test_a_malformed_id_is_told_from_other_errors(ada: Services) -> None:
    query = TenantQuery(
        CompanyRow,
        CompanyMatch,
        select(*CompanyRow.columns_of(CompanyMatch)).where(CompanyRow.id.in_(["co_x"])),
    )
    with pytest.raises(MalformedIdError):
        ada.read(ReadSession.all, query)


def test_an_update_without_a_change_keeps_the_version(ada: Services) -> None:
    ada.write(add_company, "Acme")

    def update(session: WriteSession, website: str | None) -> bool:
        row = session.get(COMPANY_BY_NAME, ApplicationNotFound, name_key="acme")
        return session.update(CompanyRow, row, website=website)

    assert not ada.write(update, None)
    assert ada.read(_by_name, name_key="acme").version == 1
    assert ada.write(update, "https://acme.example")
    assert ada.read(_by_name, name_key="acme").version == 2


@pytest.mark.parametrize("change", ["update", "force_update", "delete"])
def test_a_row_that_changed_since_it_was_read_is_not_changed(ada: Services, change: str) -> None:
    ada.write(add_company, "Acme")
    stale = ada.read(_by_name, name_key="acme")

    def write(session: WriteSession, row: Any) -> None:
        if change == "delete":
            session.delete(CompanyRow, row)
        else:
            getattr(session, change)(CompanyRow, row, website="https://acme.example")

    ada.write(write, stale)
    with pytest.raises(ConcurrentUpdateError):
        ada.write(write, stale)


def test_get_for_update_checks_the_precondition_of_the_request(ada: Services) -> None:
    ada.write(add_company, "Acme")

    def read(session: WriteSession, etag: str) -> int:
        session.preconditions = Preconditions(match=frozenset({etag}))
        return session.get_for_update(COMPANY_BY_NAME, ApplicationNotFound, name_key="acme").version

    assert ada.write(read, '"1"') == 1
    assert ada.write(read, "*") == 1
    with pytest.raises(PreconditionFailed) as stale:
        ada.write(read, '"2"')
    assert stale.value.headers == {"ETag": '"1"'}


def test_a_precondition_on_something_new_needs_its_absence(ada: Services) -> None:
    def check(session: WriteSession, preconditions: Preconditions) -> None:
        session.preconditions = preconditions
        session.check_precondition(None)

    ada.write(check, Preconditions(none_match=frozenset({"*"})))
    with pytest.raises(PreconditionFailed):
        ada.write(check, Preconditions(match=frozenset({"*"})))


def test_many_rows_are_added_with_ids_of_their_own(ada: Services) -> None:
    def add(session: WriteSession) -> None:
        rows = [
            {
                "candidate_id": session.caller.member_id,
                "name": name,
                "name_key": name.casefold(),
                "website": None,
            }
            for name in ("One", "Two")
        ]
        session.add_all(CompanyRow, rows)
        session.add_all(CompanyRow, [])

    ada.write(add)
    assert len({row.id for row in ada.read(ReadSession.all, ALL_COMPANIES)}) == 2


def test_a_job_is_enqueued_once_per_transaction(ada: Services) -> None:
    def enqueue(session: WriteSession) -> int:
        for _ in range(3):
            session.enqueue("test_session", key=new_id("app"))
        session.enqueue("test_session", key="same")
        session.enqueue("test_session", key="same")
        return len(session.enqueued)

    assert ada.write(enqueue) == 4
