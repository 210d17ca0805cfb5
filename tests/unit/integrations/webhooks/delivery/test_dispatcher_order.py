"""The dispatcher: when a retry is due, how much is sent at once, and in which order."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic_core import from_json

from app.core.messaging.job_queue import JobResult
from app.integrations.webhooks.delivery import dispatcher
from app.integrations.webhooks.delivery.concurrency import InFlightLimiter, Permits
from app.integrations.webhooks.delivery.dispatcher import DeliveryDispatcher, RetrySchedule
from app.integrations.webhooks.delivery.lifecycle import DeliveryState
from app.integrations.webhooks.delivery.models import DeliveryRow
from app.integrations.webhooks.delivery.payloads import OutgoingMessage
from app.integrations.webhooks.delivery.results import WebhookFailure, WebhookResponse
from app.integrations.webhooks.job_kinds import DELIVER
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.kit.ids import ApplicationId, DeliveryId, EndpointId, new_id
from app.tracking.applications.events import InterestChanged
from tests.support.callers import Services, candidate
from tests.support.service import Service
from tests.support.tables import change_rows, stored_rows
from tests.support.webhooks import (
    ENDPOINTS,
    FakeClient,
    add_endpoint,
    append,
    fan_out_events,
    leased,
    response,
)

MINUTE = timedelta(minutes=1)
LEASE = timedelta(seconds=30)
NOW = datetime(2026, 11, 12, 15, 10, tzinfo=UTC)


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.fixture
def endpoint_id(ada: Services) -> EndpointId:
    return add_endpoint(ada)


def deliver(
    owner: Services, endpoint_id: EndpointId, client: FakeClient, **parts: Any
) -> JobResult | None:
    """Run the job of an endpoint."""
    given: Any = {"runner": owner.service.runner, "client": client, "endpoints": ENDPOINTS}
    sender = DeliveryDispatcher(**given, schedule=RetrySchedule([MINUTE]), lease=LEASE)
    job = leased(owner, DELIVER, endpoint_id)
    return asyncio.run(replace(sender, **parts).deliver(job))


def tell(ada: Services, subjects: int, each: int = 1) -> None:
    """Create deliveries of so many events about each of so many applications."""
    ids = [ApplicationId(new_id("app")) for _ in range(subjects)]
    member_id = ada.caller.member_id
    append(ada, *(InterestChanged(member_id, id_, str(n)) for n in range(each) for id_ in ids))
    fan_out_events(ada)


def sent(client: FakeClient) -> list[tuple[str, str]]:
    """Return the subject and the interest of each message, in the order in which it was sent."""
    messages = [from_json(body)["data"] for _, body, _ in client.posted]
    return [(message["subject"], message["interest"]) for message in messages]


def states(ada: Services) -> Counter[DeliveryState]:
    return Counter(row.state for row in stored_rows(ada, DeliveryRow))


@dataclass
class Counting(FakeClient):
    """A client that counts how many requests are open at once, by subject."""

    open: Counter[str] = field(default_factory=Counter)
    most_of_one: int = 0
    most_of_all: int = 0

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> WebhookResponse | WebhookFailure:
        subject = from_json(body)["data"]["subject"]
        self.open[subject] += 1
        self.most_of_one = max(self.most_of_one, self.open[subject])
        self.most_of_all = max(self.most_of_all, self.open.total())
        await asyncio.sleep(0)
        self.open[subject] -= 1
        return await super().post(url, body, headers)


@pytest.mark.parametrize("made", [1, 2])
def test_the_delay_before_each_retry_is_that_of_the_schedule(made: int) -> None:
    delays = [MINUTE, 5 * MINUTE]
    for chance, factor in ((0.0, 1), (0.5, 1.05), (1.0, 1.1)):
        schedule = RetrySchedule(delays, chance=lambda chance=chance: chance)  # type: ignore[misc]  # bound in the loop
        assert schedule.next(made, NOW) == NOW + delays[made - 1] * factor


def test_after_the_last_delay_there_is_no_retry() -> None:
    assert RetrySchedule([MINUTE]).next(2, NOW) is None
    assert RetrySchedule([]).next(1, NOW) is None


def test_retries_of_many_deliveries_are_spread() -> None:
    due = {RetrySchedule([MINUTE]).next(1, NOW) for _ in range(20)}
    assert len(due) > 1
    assert all(at is not None and NOW + MINUTE <= at <= NOW + 1.1 * MINUTE for at in due)


def test_messages_of_one_subject_stay_in_their_order() -> None:
    messages = [
        OutgoingMessage(DeliveryId(new_id("dvy")), str(number), subject, 0, b"")
        for number, subject in enumerate("abacb")
    ]
    groups = dispatcher._by_subject(messages)  # noqa: SLF001 - the order on the wire follows from it
    assert [[message.event_id for message in group] for group in groups] == [
        ["0", "2"],
        ["1", "4"],
        ["3"],
    ]


def test_one_subject_is_told_in_order_and_one_message_at_a_time(
    ada: Services, endpoint_id: EndpointId
) -> None:
    tell(ada, subjects=2, each=4)
    client = Counting(response(204))
    deliver(ada, endpoint_id, client)
    for subject in {subject for subject, _ in sent(client)}:
        assert [n for about, n in sent(client) if about == subject] == ["0", "1", "2", "3"]
    assert (client.most_of_one, client.most_of_all) == (1, 2)


def test_several_subjects_are_told_at_once_but_not_all(
    ada: Services, endpoint_id: EndpointId
) -> None:
    tell(ada, subjects=8)
    client = Counting(response(204))
    deliver(ada, endpoint_id, client)
    assert len(client.posted) == 8
    assert client.most_of_all == 5


def test_all_that_is_due_is_sent_batch_by_batch(ada: Services, endpoint_id: EndpointId) -> None:
    tell(ada, subjects=1, each=20)
    client = FakeClient(response(204))
    result = deliver(ada, endpoint_id, client)
    assert [n for _, n in sent(client)] == [str(number) for number in range(20)]
    assert states(ada) == {DeliveryState.DELIVERED: 20}
    assert result is not None
    assert result.run_again_at is None


def test_after_its_turn_an_endpoint_lets_others_go_first(
    ada: Services, endpoint_id: EndpointId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "_TURN", -timedelta(seconds=1))
    tell(ada, subjects=1, each=20)
    client = FakeClient(response(204))
    with ada.service.clock.stopped():
        result = deliver(ada, endpoint_id, client)
        assert result is not None
        assert result.run_again_at is not None
        assert result.run_again_at <= ada.service.clock()
    assert len(client.posted) == 8


def test_a_failing_endpoint_is_tried_with_one_message(
    ada: Services, endpoint_id: EndpointId
) -> None:
    tell(ada, subjects=8)
    change_rows(ada, EndpointRow, failing_since=ada.service.clock())
    client = Counting(response(500))
    deliver(ada, endpoint_id, client)
    assert client.most_of_all == 1
    client = Counting(response(204))
    tell(ada, subjects=8)
    deliver(ada, endpoint_id, client)
    assert client.most_of_all > 1  # it has recovered with the first one


def test_what_cannot_be_started_in_time_stays_due(
    ada: Services, endpoint_id: EndpointId, monkeypatch: pytest.MonkeyPatch
) -> None:
    elapsed = [0.0]
    monkeypatch.setattr(dispatcher, "monotonic", lambda: elapsed[0])
    monkeypatch.setattr(dispatcher, "_TURN", -timedelta(seconds=1))

    class Slow(FakeClient):
        async def post(
            self, url: str, body: bytes, headers: Mapping[str, str]
        ) -> WebhookResponse | WebhookFailure:
            elapsed[0] += self.timeout_seconds / 2
            return await super().post(url, body, headers)

    tell(ada, subjects=1, each=4)
    client = Slow(response(204))
    with ada.service.clock.stopped():
        result = deliver(ada, endpoint_id, client)
        assert result is not None
        assert result.run_again_at is not None
        assert result.run_again_at <= ada.service.clock()
    assert [n for _, n in sent(client)] == ["0", "1"]
    assert states(ada) == {DeliveryState.DELIVERED: 2, DeliveryState.PENDING: 2}


def test_with_nothing_due_the_job_runs_again_at_the_next_due_time(
    ada: Services, endpoint_id: EndpointId
) -> None:
    tell(ada, subjects=2)
    now = ada.service.clock()
    first, second = (row.id for row in stored_rows(ada, DeliveryRow))
    for delivery_id, minutes in ((first, 2), (second, 1)):
        due_at = now + minutes * MINUTE
        change_rows(ada, DeliveryRow, DeliveryRow.id == delivery_id, due_at=due_at)
    client = FakeClient(response(204))
    result = deliver(ada, endpoint_id, client)
    assert result is not None
    assert (result.run_again_at, result.is_slow) == (now + MINUTE, False)
    change_rows(ada, EndpointRow, failing_since=now)
    failing = deliver(ada, endpoint_id, client)
    assert failing == replace(result, is_slow=True)
    assert client.posted == []


@pytest.mark.parametrize("seconds", [9, 11])
def test_a_worker_that_waited_too_long_for_permits_gives_the_job_back(
    ada: Services, endpoint_id: EndpointId, seconds: int
) -> None:
    began, waited = ada.service.clock(), [timedelta()]
    runner = replace(ada.service.runner, clock=lambda: began + waited[0])

    class Crowded(InFlightLimiter):
        @asynccontextmanager
        async def acquire(self, size: int) -> AsyncIterator[Permits]:
            waited[0] += timedelta(seconds=seconds)
            async with super().acquire(size) as permits:
                yield permits

    tell(ada, subjects=1)
    client = FakeClient(response(204))
    result = deliver(ada, endpoint_id, client, runner=runner, in_flight=Crowded(8))
    assert client.posted == []
    assert result == JobResult(0, began + timedelta(seconds=seconds + 1))
