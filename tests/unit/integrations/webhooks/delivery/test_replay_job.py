"""Replay: a range of events is delivered to one endpoint again."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.core.messaging.job_queue import Job, LeaseLostError
from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import Role
from app.core.unit_of_work.session import WriteSession
from app.guidance.estimates.events import EstimateUpdated
from app.integrations.events.endpoint_events import EndpointTested
from app.integrations.webhooks.delivery import replay_job, service
from app.integrations.webhooks.delivery.lifecycle import (
    DeliveryState,
    DeliveryTrigger,
    ReplayState,
)
from app.integrations.webhooks.delivery.models import DeliveryRow, ReplayRow
from app.integrations.webhooks.delivery.schemas import ReplayCreate
from app.integrations.webhooks.job_kinds import DELIVER, REPLAY
from app.integrations.webhooks.subscriptions import service as endpoints
from app.kit.ids import EndpointId, EventId, ReplayId
from app.tracking.applications.events import InterestChanged
from tests.support.callers import Services, candidate, colleague
from tests.support.records import add_application
from tests.support.service import Service
from tests.support.tables import change_rows, stored_rows
from tests.support.webhooks import add_endpoint, append, fan_out_events, job_of, leased

LONG_AGO = "2026-01-01T00:00:00Z"


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


def request(owner: Services, endpoint_id: EndpointId, **fields: Any) -> ReplayId:
    body = ReplayCreate.model_validate({"since": LONG_AGO} | fields)
    return owner.write(service.replay, endpoint_id, body).row.id


def run(owner: Services, replay_id: ReplayId, job: Job | None = None) -> Any:
    """Run the job of a replay, and return its row."""
    runner = owner.service.runner
    asyncio.run(replay_job.replay(runner, job or leased(owner, REPLAY, replay_id)))
    return owner.read(service.show_replay, replay_id).row


def replayed(owner: Services, replay_id: ReplayId) -> list[EventId]:
    """Return the events of which a replay created deliveries."""
    rows = stored_rows(owner, DeliveryRow)
    return [row.event_id for row in rows if row.replay_id == replay_id]


def interests(ada: Services, number: int) -> list[EventId]:
    application_id = add_application(ada)
    member_id = ada.caller.member_id
    append(ada, *(InterestChanged(member_id, application_id, str(n)) for n in range(number - 1)))
    return [event.id for event in stored_rows(ada, EventRow)]


def test_every_event_of_the_range_is_delivered_again(ada: Services) -> None:
    events = interests(ada, 3)
    endpoint_id, other = add_endpoint(ada), add_endpoint(ada)
    replay_id = request(ada, endpoint_id)
    with ada.service.clock.stopped():
        row = run(ada, replay_id)
        now = ada.service.clock()
    assert (row.state, row.scanned_count, row.replayed_count) == (ReplayState.DONE, 3, 3)
    assert replayed(ada, replay_id) == events
    for delivery in stored_rows(ada, DeliveryRow):
        assert (delivery.endpoint_id, delivery.member_id) == (endpoint_id, ada.caller.member_id)
        assert (delivery.trigger, delivery.state) == (DeliveryTrigger.REPLAY, DeliveryState.PENDING)
        assert delivery.due_at == now
    assert job_of(ada, DELIVER, endpoint_id).due_at == now
    assert job_of(ada, DELIVER, other) is None


def test_the_range_includes_both_of_its_ends(ada: Services) -> None:
    endpoint_id, clock = add_endpoint(ada), ada.service.clock
    with clock.stopped():
        start = clock()
        for minute in range(4):
            with clock.later(timedelta(minutes=minute)):
                add_application(ada)
        events = [event.id for event in stored_rows(ada, EventRow)]

        def part(since: int, until: int) -> list[EventId]:
            ends: list[datetime] = [start + timedelta(minutes=n) for n in (since, until)]
            replay_id = request(ada, endpoint_id, since=ends[0], until=ends[1])
            run(ada, replay_id)
            return replayed(ada, replay_id)

        with clock.later(timedelta(minutes=4)):
            assert part(1, 2) == events[1:3]
            assert part(0, 9) == events
            assert part(4, 9) == []


def test_what_occurs_after_the_request_is_not_part_of_it(ada: Services) -> None:
    clock, endpoint_id = ada.service.clock, add_endpoint(ada)
    with clock.stopped():
        events = interests(ada, 1)
        replay_id = request(ada, endpoint_id)
        with clock.later(timedelta(seconds=1)):
            add_application(ada)
            run(ada, replay_id)
    assert replayed(ada, replay_id) == events


@pytest.mark.parametrize(
    ("of_endpoint", "of_replay", "expected"),
    [
        (None, None, ["application.created", "candidate.interest_changed"]),
        (["application.created"], None, ["application.created"]),
        (None, ["candidate.interest_changed"], ["candidate.interest_changed"]),
        (["application.created"], ["candidate.interest_changed"], ["candidate.interest_changed"]),
        (["feedback.sent"], None, []),
    ],
)
def test_the_types_are_those_of_the_request_or_else_of_the_endpoint(
    ada: Services,
    of_endpoint: list[str] | None,
    of_replay: list[str] | None,
    expected: list[str],
) -> None:
    interests(ada, 2)
    replay_id = request(ada, add_endpoint(ada, event_types=of_endpoint), event_types=of_replay)
    row = run(ada, replay_id)
    names = {event.id: event.name for event in stored_rows(ada, EventRow)}
    assert [names[event] for event in replayed(ada, replay_id)] == expected
    assert (row.scanned_count, row.replayed_count) == (2, len(expected))


def test_what_was_delivered_to_the_endpoint_may_be_left_out(ada: Services) -> None:
    endpoint_id, other = add_endpoint(ada), add_endpoint(ada)
    events = interests(ada, 3)
    fan_out_events(ada)
    for endpoint, event, state in (
        (endpoint_id, events[0], DeliveryState.DELIVERED),
        (endpoint_id, events[1], DeliveryState.FAILED),
        (other, events[2], DeliveryState.DELIVERED),
    ):
        this = (DeliveryRow.endpoint_id == endpoint, DeliveryRow.event_id == event)
        change_rows(ada, DeliveryRow, *this, state=state)
    replay_id = request(ada, endpoint_id, only_undelivered=True)
    row = run(ada, replay_id)
    assert replayed(ada, replay_id) == events[1:]
    assert (row.scanned_count, row.replayed_count) == (3, 2)


def test_only_what_the_owner_may_see_is_replayed_and_no_test_event(ada: Services) -> None:
    recruiter = colleague(ada, Role.RECRUITER)
    member_id = ada.caller.member_id
    shared = add_application(ada, shared_with=recruiter.caller.member_id)
    append(ada, EstimateUpdated(member_id, shared, "possible"))
    append(ada, InterestChanged(member_id, shared, "high", is_private_instance=True))
    add_application(colleague(ada, Role.CANDIDATE))
    names = {}
    for owner in (ada, recruiter):
        endpoint_id = add_endpoint(owner)
        append(owner, EndpointTested(owner.caller.member_id, endpoint_id))
        replay_id = request(owner, endpoint_id)
        run(owner, replay_id)
        types = {event.id: event.name for event in stored_rows(ada, EventRow)}
        names[owner] = [types[event] for event in replayed(owner, replay_id)]
    assert names[recruiter] == ["application.created", "consent.given"]
    assert names[ada] == [*names[recruiter], "estimate.updated", "candidate.interest_changed"]


@pytest.mark.parametrize("number", [3, 4])
def test_a_long_range_is_replayed_in_several_batches(
    ada: Services, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(replay_job, "_BATCH_SIZE", 2)
    events = interests(ada, number)
    replay_id = request(ada, add_endpoint(ada))
    row = run(ada, replay_id)
    assert replayed(ada, replay_id) == events
    assert (row.state, row.scanned_count, row.replayed_count) == (ReplayState.DONE, number, number)


def test_an_interrupted_replay_is_resumed_without_duplicates(
    ada: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_job, "_BATCH_SIZE", 2)
    events = interests(ada, 5)
    replay_id = request(ada, add_endpoint(ada))
    add_all = WriteSession.add_all
    batches: list[int] = []

    def fail_after_the_second_batch(session: WriteSession, table: Any, rows: Any) -> None:
        add_all(session, table, rows)
        batches.append(len(rows))
        if len(batches) == 2:
            raise ConnectionError

    monkeypatch.setattr(WriteSession, "add_all", fail_after_the_second_batch)
    with pytest.raises(ConnectionError):
        run(ada, replay_id)
    assert replayed(ada, replay_id) == events[:2]
    row = ada.read(service.show_replay, replay_id).row
    assert (row.state, row.scanned_count, row.replayed_count) == (ReplayState.RUNNING, 2, 2)
    assert run(ada, replay_id).state is ReplayState.DONE
    assert replayed(ada, replay_id) == events


def test_a_replay_that_is_done_is_not_done_again(ada: Services) -> None:
    interests(ada, 2)
    replay_id = request(ada, add_endpoint(ada))
    before = run(ada, replay_id)
    assert run(ada, replay_id) == before
    assert len(stored_rows(ada, DeliveryRow)) == 2


def test_a_worker_that_lost_its_lease_creates_nothing(ada: Services) -> None:
    interests(ada, 2)
    replay_id = request(ada, add_endpoint(ada))
    late = leased(ada, REPLAY, replay_id)
    leased(ada, REPLAY, replay_id)
    with pytest.raises(LeaseLostError):
        run(ada, replay_id, late)
    assert stored_rows(ada, DeliveryRow) == []


def test_a_replay_ends_with_its_endpoint(ada: Services) -> None:
    interests(ada, 2)
    endpoint_id = add_endpoint(ada)
    replay_id = request(ada, endpoint_id)
    job = leased(ada, REPLAY, replay_id)
    ada.write(endpoints.delete, endpoint_id)
    asyncio.run(replay_job.replay(ada.service.runner, job))
    assert stored_rows(ada, ReplayRow) == stored_rows(ada, DeliveryRow) == []
