"""Fan-out: deliveries are created from events, each exactly once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.core.messaging.domain_event import DomainEvent
from app.core.messaging.job_queue import JobResult, LeaseLostError, checkpoint
from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import Role
from app.guidance.estimates.events import EstimateUpdated
from app.integrations.events.endpoint_events import EndpointTested
from app.integrations.webhooks.delivery import fan_out
from app.integrations.webhooks.delivery.lifecycle import DeliveryState, DeliveryTrigger
from app.integrations.webhooks.delivery.models import DeliveryRow
from app.integrations.webhooks.job_kinds import DELIVER, PURGE
from app.integrations.webhooks.subscriptions import service as endpoints
from app.integrations.webhooks.subscriptions.lifecycle import EndpointState
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.kit.ids import EndpointId
from app.tracking.applications.events import InterestChanged
from tests.support.callers import Services, candidate, colleague
from tests.support.records import add_application
from tests.support.service import Service
from tests.support.tables import change_rows, stored_rows
from tests.support.webhooks import add_endpoint, append, fan_out_events, job_of, leased


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


def deliveries(ada: Services) -> list[tuple[str, str]]:
    """Return the endpoint and the event of each delivery, in the order of their creation."""
    return [(row.endpoint_id, row.event_id) for row in stored_rows(ada, DeliveryRow)]


def names(ada: Services, endpoint_id: EndpointId) -> list[str]:
    """Return the types of the events that are delivered to an endpoint."""
    types = {event.id: event.name for event in stored_rows(ada, EventRow)}
    return [types[event] for endpoint, event in deliveries(ada) if endpoint == endpoint_id]


def interests(ada: Services, number: int) -> list[DomainEvent]:
    application_id = add_application(ada)
    return [
        InterestChanged(ada.caller.member_id, application_id, f"{index}") for index in range(number)
    ]


def test_every_endpoint_gets_one_delivery_of_an_event_which_is_due_now(ada: Services) -> None:
    first, second = add_endpoint(ada), add_endpoint(ada)
    add_application(ada)
    with ada.service.clock.stopped():
        fan_out_events(ada)
        now = ada.service.clock()
    (event,) = stored_rows(ada, EventRow)
    assert deliveries(ada) == [(first, event.id), (second, event.id)]
    row = stored_rows(ada, DeliveryRow)[0]
    assert row.member_id == ada.caller.member_id
    assert (row.trigger, row.state) == (DeliveryTrigger.EVENT, DeliveryState.PENDING)
    assert (row.due_at, row.attempt_count, row.delivered_at, row.replay_id) == (now, 0, None, None)
    for endpoint_id in (first, second):
        assert job_of(ada, DELIVER, endpoint_id).due_at == now
    assert job_of(ada, PURGE).due_at == now + timedelta(days=1)


def test_an_endpoint_receives_the_types_that_it_names(ada: Services) -> None:
    some = add_endpoint(ada, event_types=["candidate.interest_changed", "feedback.sent"])
    every = add_endpoint(ada)
    none = add_endpoint(ada, event_types=["feedback.sent"])
    append(ada, *interests(ada, 1))
    fan_out_events(ada)
    assert names(ada, some) == ["candidate.interest_changed"]
    assert names(ada, every) == ["application.created", "candidate.interest_changed"]
    assert names(ada, none) == []
    assert job_of(ada, DELIVER, none) is None


def test_a_paused_endpoint_gets_deliveries_and_a_disabled_one_does_not(ada: Services) -> None:
    paused, disabled = add_endpoint(ada), add_endpoint(ada)
    ada.write(endpoints.pause, paused)
    change_rows(ada, EndpointRow, EndpointRow.id == disabled, state=EndpointState.DISABLED)
    add_application(ada)
    fan_out_events(ada)
    assert names(ada, paused) == ["application.created"]
    assert names(ada, disabled) == []


def test_only_whoever_may_see_an_event_gets_it_and_private_ones_the_candidate_alone(
    ada: Services,
) -> None:
    recruiter, other = (colleague(ada, Role.RECRUITER) for _ in range(2))
    ben = colleague(ada, Role.CANDIDATE)
    mine, theirs, others, bens = map(add_endpoint, (ada, recruiter, other, ben))
    member_id = ada.caller.member_id
    shared = add_application(ada, shared_with=recruiter.caller.member_id)
    append(ada, EstimateUpdated(member_id, shared, "possible"))
    append(ada, InterestChanged(member_id, shared, "high", is_private_instance=True))
    append(ada, InterestChanged(member_id, add_application(ada), "low"))
    fan_out_events(ada)
    assert names(ada, theirs) == ["application.created", "consent.given"]
    assert sorted(names(ada, mine)) == sorted(event.name for event in stored_rows(ada, EventRow))
    assert names(ada, others) == names(ada, bens) == []


def test_a_unicast_event_is_not_fanned_out(ada: Services) -> None:
    endpoint_id = add_endpoint(ada)
    append(ada, EndpointTested(ada.caller.member_id, endpoint_id))
    fan_out_events(ada)
    assert deliveries(ada) == []


@pytest.mark.parametrize("number", [3, 4])
def test_many_events_are_fanned_out_in_several_batches(
    ada: Services, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(fan_out, "_BATCH_SIZE", 2)
    endpoint_id = add_endpoint(ada)
    append(ada, *interests(ada, number))
    result = fan_out_events(ada)
    events = [event.id for event in stored_rows(ada, EventRow)]
    assert len(events) == number + 1
    assert deliveries(ada) == [(endpoint_id, event) for event in events]
    job = job_of(ada, fan_out.KIND)
    assert result == JobResult(job.requested_count)
    assert job.completed_count == job.requested_count == number + 1


def test_events_after_the_position_that_was_requested_wait_for_the_next_run(
    ada: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fan_out, "_BATCH_SIZE", 2)
    endpoint_id = add_endpoint(ada)
    add_application(ada)
    job = leased(ada, fan_out.KIND)
    append(ada, *interests(ada, 2))
    asyncio.run(fan_out.fan_out(ada.service.runner, job))
    first, *later = [event.id for event in stored_rows(ada, EventRow)]
    assert deliveries(ada) == [(endpoint_id, first)]
    fan_out_events(ada)
    assert deliveries(ada) == [(endpoint_id, event) for event in (first, *later)]


def test_an_interrupted_fan_out_is_resumed_without_duplicates(
    ada: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fan_out, "_BATCH_SIZE", 2)
    endpoint_id = add_endpoint(ada)
    append(ada, *interests(ada, 4))
    calls: list[int] = []

    def fail_on_the_second_batch(*args: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise ConnectionError
        checkpoint(*args)

    monkeypatch.setattr(fan_out, "checkpoint", fail_on_the_second_batch)
    with pytest.raises(ConnectionError):
        fan_out_events(ada)
    events = [event.id for event in stored_rows(ada, EventRow)]
    assert deliveries(ada) == [(endpoint_id, event) for event in events[:2]]
    assert job_of(ada, fan_out.KIND).completed_count == 2
    fan_out_events(ada)
    assert deliveries(ada) == [(endpoint_id, event) for event in events]


def test_a_worker_that_lost_its_lease_creates_nothing(ada: Services) -> None:
    add_endpoint(ada)
    add_application(ada)
    late = leased(ada, fan_out.KIND)
    current = leased(ada, fan_out.KIND)
    runner = ada.service.runner
    with pytest.raises(LeaseLostError):
        asyncio.run(fan_out.fan_out(runner, late))
    assert deliveries(ada) == []
    asyncio.run(fan_out.fan_out(runner, current))
    with pytest.raises(LeaseLostError):
        asyncio.run(fan_out.fan_out(runner, current))  # another came further meanwhile
    assert len(deliveries(ada)) == 1


def test_without_endpoints_events_are_passed_over_for_good(ada: Services) -> None:
    append(ada, *interests(ada, 2))
    fan_out_events(ada)
    assert job_of(ada, fan_out.KIND).completed_count == 3
    assert job_of(ada, PURGE) is not None
    endpoint_id = add_endpoint(ada)
    fan_out_events(ada)
    assert deliveries(ada) == []
    add_application(ada)
    fan_out_events(ada)
    assert names(ada, endpoint_id) == ["application.created"]


def test_positions_of_events_that_were_purged_are_passed_over(
    ada: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fan_out, "_BATCH_SIZE", 2)
    endpoint_id = add_endpoint(ada)
    append(ada, *interests(ada, 4))
    first, *_, last = stored_rows(ada, EventRow)
    for event in (first, last):
        change_rows(ada, EventRow, EventRow.id == event.id, position=-event.position)
    fan_out_events(ada)
    assert names(ada, endpoint_id) == ["candidate.interest_changed"] * 3
    assert job_of(ada, fan_out.KIND).completed_count == 5
