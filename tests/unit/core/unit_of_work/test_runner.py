"""The unit-of-work runner: transactions, event handlers, retries, batches."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from app.core.messaging.domain_event import DomainEvent
from app.core.persistence.tenancy import Role, TenantQuery
from app.core.problems import Conflict
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS
from app.core.unit_of_work.retries import MAX_ATTEMPTS, ConcurrentUpdateError, is_retryable
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.tracking.applications.events import ApplicationCreated
from app.tracking.people.models import CompanyRow
from app.tracking.people.repository import CompanyMatch
from tests.support.callers import Services, candidate
from tests.support.service import Service

ALL_COMPANIES = TenantQuery(CompanyRow, CompanyMatch, select(*CompanyRow.columns_of(CompanyMatch)))


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


def add_company(session: WriteSession, name: str = "Acme") -> None:
    session.add(
        CompanyRow,
        candidate_id=session.caller.member_id,
        name=name,
        name_key=name.casefold(),
        website=None,
    )


def names(ada: Services) -> set[str]:
    return {row.name_key for row in ada.read(ReadSession.all, ALL_COMPANIES)}


def write(ada: Services, function: Callable[[WriteSession], Any]) -> Any:
    """Run a write with its retries, as a request does."""
    runner = ada.service.runner
    return asyncio.run(runner.write(runner.bind_write(ada.caller, NO_PRECONDITIONS, function)))


def with_handlers(runner: UnitOfWorkRunner, *handlers: Any) -> UnitOfWorkRunner:
    return replace(runner, event_handlers={ApplicationCreated: handlers})


def event_of(session: WriteSession) -> DomainEvent:
    return ApplicationCreated(session.caller.member_id, "app_00000000000000000000000000")  # type: ignore[arg-type]  # any id


def test_an_error_leaves_nothing(ada: Services) -> None:
    def fail(session: WriteSession) -> None:
        add_company(session)
        raise KeyError

    with pytest.raises(KeyError):
        ada.write(fail)
    assert names(ada) == set()


def test_event_handlers_run_in_the_same_transaction(ada: Services) -> None:
    def publish(session: WriteSession) -> None:
        add_company(session, "first")
        session.publish(event_of(session))

    def handle(session: WriteSession, _: DomainEvent) -> None:
        assert {row.name_key for row in session.all(ALL_COMPANIES)} == {"first"}
        add_company(session, "second")

    with_handlers(ada.service.runner, handle).write_sync(ada.caller, publish)
    assert names(ada) == {"first", "second"}


def test_a_failing_event_handler_rolls_back_the_change(ada: Services) -> None:
    def publish(session: WriteSession) -> None:
        add_company(session)
        session.publish(event_of(session))

    def fail(_: WriteSession, __: DomainEvent) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        with_handlers(ada.service.runner, fail).write_sync(ada.caller, publish)
    assert names(ada) == set()


def test_a_handler_may_publish_events_too(ada: Services) -> None:
    seen: list[DomainEvent] = []

    def publish(session: WriteSession) -> None:
        session.publish(event_of(session))

    def handle(session: WriteSession, event: DomainEvent) -> None:
        seen.append(event)
        if len(seen) < 3:
            session.publish(event_of(session))

    with_handlers(ada.service.runner, handle).write_sync(ada.caller, publish)
    assert len(seen) == 3
    assert [name for name, _ in ada.events()] == ["application.created"] * 3


def test_a_lost_race_is_run_again_from_its_start(ada: Services) -> None:
    attempts: list[int] = []

    def race(session: WriteSession) -> str:
        attempts.append(1)
        add_company(session)
        if len(attempts) < MAX_ATTEMPTS:
            raise ConcurrentUpdateError
        return "done"

    assert write(ada, race) == "done"
    assert len(attempts) == MAX_ATTEMPTS
    assert names(ada) == {"acme"}


def test_a_race_that_is_lost_every_time_is_a_conflict(ada: Services) -> None:
    attempts: list[int] = []

    def race(session: WriteSession) -> None:
        attempts.append(1)
        add_company(session)
        raise ConcurrentUpdateError

    with pytest.raises(Conflict):
        write(ada, race)
    assert len(attempts) == MAX_ATTEMPTS
    assert names(ada) == set()


def test_the_same_key_inserted_every_time_is_a_conflict(ada: Services) -> None:
    ada.write(add_company)
    with pytest.raises(Conflict):
        write(ada, add_company)


def test_another_violation_is_not_hidden(ada: Services) -> None:
    def violate(session: WriteSession) -> None:
        session.add(
            CompanyRow,
            candidate_id=session.caller.member_id,
            name=None,
            name_key="x",
            website=None,
        )

    with pytest.raises(IntegrityError):
        write(ada, violate)


def test_a_step_runs_in_a_transaction_of_its_own_until_all_is_done(ada: Services) -> None:
    seen: list[int] = []

    def step(session: WriteSession, remaining: int) -> int | None:
        assert session.caller.role is Role.SERVICE
        seen.append(remaining)
        if remaining == 1:
            raise KeyError
        session.add(
            CompanyRow,
            candidate_id=ada.caller.member_id,
            name=f"{remaining}",
            name_key=f"{remaining}",
            website=None,
        )
        return remaining - 1

    runner = ada.service.runner
    with pytest.raises(KeyError):
        asyncio.run(runner.run_batches(ada.caller.workspace_id, step, 3))
    assert seen == [3, 2, 1]
    assert names(ada) == {"3", "2"}


def test_reading_as_the_system_sees_all_rows_of_the_workspace(ada: Services) -> None:
    ada.write(add_company)
    runner = ada.service.runner
    rows = asyncio.run(
        runner.read_as_system(ada.caller.workspace_id, ReadSession.all, ALL_COMPANIES)
    )
    assert len(rows) == 1
    other = ada.service.workspace()
    assert asyncio.run(runner.read_as_system(other, ReadSession.all, ALL_COMPANIES)) == []


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConcurrentUpdateError(), True),
        (IntegrityError("INSERT", None, Exception()), True),
        (OperationalError("SELECT", None, Exception(), connection_invalidated=True), True),
        (OperationalError("COMMIT", None, Exception(), connection_invalidated=True), False),
        (OperationalError("SELECT", None, Exception()), False),
    ],
)
def test_only_what_was_surely_not_committed_is_retried(
    error: ConcurrentUpdateError | DBAPIError, *, expected: bool
) -> None:
    assert is_retryable(error) is expected
