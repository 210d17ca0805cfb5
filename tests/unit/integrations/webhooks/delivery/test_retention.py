"""Retention: expired events go, and the counts of their subjects continue."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.core.messaging.job_queue import JobResult
from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import Role
from app.core.unit_of_work.session import WriteSession
from app.integrations.webhooks.delivery import retention
from app.integrations.webhooks.delivery.models import AttemptRow, DeliveryRow
from app.integrations.webhooks.job_kinds import PURGE
from app.kit.ids import ApplicationId, Ids, decode, encode, new_id
from app.tracking.applications.events import InterestChanged
from tests.support.callers import Services, candidate, colleague
from tests.support.service import Service
from tests.support.tables import stored_rows
from tests.support.webhooks import add_endpoint, fan_out_events, leased

DAYS = 30
A_DAY = timedelta(days=1)
EXPIRED = timedelta(days=DAYS, hours=1)
RECENT = timedelta(days=DAYS) - timedelta(hours=1)


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.fixture
def recruiter(ada: Services) -> Services:
    return colleague(ada, Role.RECRUITER)


@pytest.fixture
def subject() -> ApplicationId:
    return ApplicationId(new_id("app"))


def ids_at(instant: datetime) -> Ids:
    """Return a source of ids that were made at this instant, as ids carry their time."""
    milliseconds = int(instant.timestamp() * 1000)

    def new(prefix: str) -> str:
        randomness = decode(prefix, new_id(prefix)) & (1 << 80) - 1
        return encode(prefix, milliseconds << 80 | randomness)

    return new


def occurred(
    ada: Services,
    ago: timedelta,
    subject: ApplicationId,
    number: int = 1,
    *,
    seen_by: Services | None = None,
    is_private: bool = False,
) -> None:
    """Write events about a subject that occurred so long ago."""
    event = InterestChanged(
        ada.caller.member_id,
        subject,
        "high",
        recruiter=seen_by.caller.member_id if seen_by else None,
        is_private_instance=is_private,
    )
    runner = ada.service.runner
    then = replace(runner, new_id=ids_at(runner.clock() - ago))
    then.write_sync(ada.caller, WriteSession.append_events, *[event] * number)


def purge(ada: Services) -> JobResult:
    """Purge the workspace, as the worker does once a day."""
    ada.write(WriteSession.enqueue, PURGE)
    job = leased(ada, PURGE)
    return asyncio.run(retention.purge_expired(ada.service.runner, job, DAYS))


def sequences(ada: Services, subject: ApplicationId) -> list[int]:
    """Return the numbers of the events of a subject; those that are hidden are negative."""
    rows = [row for row in stored_rows(ada, EventRow) if row.subject == subject]
    return sorted((row.sequence if row.position > 0 else -row.sequence for row in rows), key=abs)


def test_of_each_subject_the_newest_event_stays(ada: Services, subject: ApplicationId) -> None:
    other = ApplicationId(new_id("app"))
    occurred(ada, EXPIRED, subject, 3)
    occurred(ada, EXPIRED, other)
    purge(ada)
    assert sequences(ada, subject) == [3]
    assert sequences(ada, other) == [1]
    occurred(ada, RECENT, subject)
    assert sequences(ada, subject) == [3, 4]


def test_an_event_stays_until_it_has_expired(ada: Services, subject: ApplicationId) -> None:
    occurred(ada, EXPIRED, subject)
    occurred(ada, RECENT, subject, 2)
    purge(ada)
    assert sequences(ada, subject) == [2, 3]


def test_a_purge_runs_again_tomorrow(ada: Services) -> None:
    with ada.service.clock.stopped():
        result = purge(ada)
        assert result == JobResult(leased(ada, PURGE).requested_count, ada.service.clock() + A_DAY)


def test_the_deliveries_of_expired_events_go_even_if_the_event_stays(
    ada: Services, subject: ApplicationId
) -> None:
    add_endpoint(ada)
    other = ApplicationId(new_id("app"))
    occurred(ada, EXPIRED, subject, 2)
    occurred(ada, EXPIRED, other)
    occurred(ada, RECENT, other)
    fan_out_events(ada)
    deliveries = stored_rows(ada, DeliveryRow)

    def attempt_all(session: WriteSession) -> None:
        columns = {"status": 500, "failure": None, "duration_ms": 1, "response_excerpt": ""}
        owner = {"member_id": ada.caller.member_id}
        rows = [owner | columns | {"delivery_id": delivery.id} for delivery in deliveries]
        session.add_all(AttemptRow, rows)

    ada.write(attempt_all)
    purge(ada)
    assert sequences(ada, subject) == [2]
    recent = stored_rows(ada, EventRow)[-1].id
    (kept,) = stored_rows(ada, DeliveryRow)
    assert kept.event_id == recent
    assert [row.delivery_id for row in stored_rows(ada, AttemptRow)] == [kept.id]


def test_the_newest_event_that_a_recruiter_could_see_is_hidden(
    ada: Services, recruiter: Services, subject: ApplicationId
) -> None:
    occurred(ada, EXPIRED, subject, 2, seen_by=recruiter)
    occurred(ada, EXPIRED, subject, 2, seen_by=recruiter, is_private=True)
    for _ in range(2):  # once hidden, it stays hidden
        purge(ada)
        assert sequences(ada, subject) == [-2, 4]
    assert recruiter.events() == []
    assert len(ada.events()) == 1


def test_what_a_recruiter_sees_next_continues_the_count_and_the_hidden_event_goes(
    ada: Services, recruiter: Services, subject: ApplicationId
) -> None:
    occurred(ada, EXPIRED, subject, 2, seen_by=recruiter)
    occurred(ada, EXPIRED, subject, 1, seen_by=recruiter, is_private=True)
    purge(ada)
    occurred(ada, RECENT, subject, seen_by=recruiter)
    newest = stored_rows(ada, EventRow)[-1]
    assert (newest.sequence, newest.recruiter_sequence) == (4, 3)
    purge(ada)
    assert sequences(ada, subject) == [4]


def test_the_newest_event_of_all_is_shown_to_the_recruiter_too(
    ada: Services, recruiter: Services, subject: ApplicationId
) -> None:
    occurred(ada, EXPIRED, subject, 2, seen_by=recruiter)
    purge(ada)
    assert sequences(ada, subject) == [2]
    assert len(recruiter.events()) == 1


def test_each_recruiter_s_count_continues_from_an_event_of_their_own(
    ada: Services, recruiter: Services, subject: ApplicationId
) -> None:
    other = colleague(ada, Role.RECRUITER)
    for who in (recruiter, other, recruiter, None):
        occurred(ada, EXPIRED, subject, seen_by=who)
    purge(ada)
    assert sequences(ada, subject) == [-2, -3, 4]


def test_more_than_a_batch_of_expired_events_goes_in_one_run(
    ada: Services, subject: ApplicationId
) -> None:
    number = retention._BATCH_SIZE + 2  # noqa: SLF001 - a part of the statement
    occurred(ada, EXPIRED, subject, number)
    purge(ada)
    assert sequences(ada, subject) == [number]


def test_another_workspace_keeps_its_events(ada: Services, subject: ApplicationId) -> None:
    elsewhere = candidate(ada.service)
    occurred(elsewhere, EXPIRED, subject, 2)
    purge(ada)
    assert sequences(elsewhere, subject) == [1, 2]
