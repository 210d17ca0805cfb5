"""The service of deliveries and replays."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import Role
from app.core.problems import InvalidInput
from app.core.unit_of_work.session import WriteSession
from app.integrations.webhooks.delivery import service
from app.integrations.webhooks.delivery.lifecycle import (
    DeliveryState,
    DeliveryTrigger,
    ReplayState,
)
from app.integrations.webhooks.delivery.models import AttemptRow, DeliveryRow
from app.integrations.webhooks.delivery.schemas import ReplayCreate
from app.integrations.webhooks.job_kinds import DELIVER, REPLAY
from app.integrations.webhooks.problems import (
    DeliveryNotFound,
    EndpointNotActive,
    EndpointNotFound,
    ReplayNotFound,
)
from app.integrations.webhooks.subscriptions import service as endpoints
from app.kit.ids import DeliveryId, EndpointId
from tests.support.callers import Services, candidate, colleague, rendered
from tests.support.records import add_application
from tests.support.service import Service
from tests.support.tables import change_rows, stored_rows
from tests.support.webhooks import add_endpoint, fan_out_events, job_of


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.fixture
def endpoint_id(ada: Services) -> EndpointId:
    return add_endpoint(ada)


def list_(owner: Services, endpoint_id: EndpointId, state: DeliveryState | None = None) -> Any:
    page = owner.read(service.list_deliveries, endpoint_id, state, 20, None)
    return [row.id for row in page.rows]


def told(ada: Services) -> DeliveryId:
    """Create an application, and return the id of the delivery of its event."""
    add_application(ada)
    fan_out_events(ada)
    return stored_rows(ada, DeliveryRow)[-1].id  # type: ignore[no-any-return]  # of any row


def replay_of(**fields: Any) -> ReplayCreate:
    return ReplayCreate.model_validate({"since": "2026-01-01T00:00:00Z"} | fields)


@pytest.mark.parametrize("role", [Role.CANDIDATE, Role.RECRUITER])
def test_a_test_event_is_delivered_to_its_endpoint_alone(ada: Services, role: Role) -> None:
    owner = colleague(ada, role)
    endpoint_id, other = add_endpoint(owner, event_types=["feedback.sent"]), add_endpoint(owner)
    row = owner.write(service.test, endpoint_id).row
    assert (row.event_type, row.trigger) == ("endpoint.tested", DeliveryTrigger.TEST)
    assert (row.endpoint_id, row.state) == (endpoint_id, DeliveryState.PENDING)
    assert owner.events() == [("endpoint.tested", endpoint_id)]
    assert job_of(owner, DELIVER, endpoint_id) is not None
    fan_out_events(owner)
    assert list_(owner, endpoint_id) == [row.id]
    assert list_(owner, other) == []


def test_nothing_is_sent_by_hand_to_an_endpoint_that_is_not_active(
    ada: Services, endpoint_id: EndpointId
) -> None:
    delivery_id = told(ada)
    ada.write(endpoints.pause, endpoint_id)
    with pytest.raises(EndpointNotActive):
        ada.write(service.test, endpoint_id)
    with pytest.raises(EndpointNotActive):
        ada.write(service.redeliver, delivery_id)
    with pytest.raises(EndpointNotActive):
        ada.write(service.replay, endpoint_id, replay_of())
    assert list_(ada, endpoint_id) == [delivery_id]


def test_deliveries_are_listed_newest_first_and_by_state(
    ada: Services, endpoint_id: EndpointId
) -> None:
    other = add_endpoint(ada, event_types=["feedback.sent"])
    first, second = told(ada), told(ada)
    change_rows(ada, DeliveryRow, DeliveryRow.id == first, state=DeliveryState.FAILED)
    assert list_(ada, endpoint_id) == [second, first]
    assert list_(ada, endpoint_id, DeliveryState.FAILED) == [first]
    assert list_(ada, endpoint_id, DeliveryState.WITHHELD) == []
    assert list_(ada, other) == []


def test_a_delivery_is_shown_with_its_attempts_the_first_one_first(
    ada: Services, endpoint_id: EndpointId
) -> None:
    delivery_id, other = told(ada), told(ada)

    def attempt(session: WriteSession, of: DeliveryId, status: int) -> None:
        columns: dict[str, Any] = {"failure": None, "duration_ms": 1, "response_excerpt": ""}
        owner = {"member_id": ada.caller.member_id, "delivery_id": of}
        session.add(AttemptRow, status=status, **owner, **columns)

    for of, status in ((delivery_id, 500), (other, 404), (delivery_id, 204)):
        ada.write(attempt, of, status)
    shown = rendered(ada.read(service.show_delivery, delivery_id))
    assert (shown["id"], shown["endpoint"]) == (delivery_id, endpoint_id)
    assert shown["type"] == "application.created"
    assert [attempt["status"] for attempt in shown["attempts"]] == [500, 204]


def test_an_event_is_delivered_again_under_its_own_id(
    ada: Services, endpoint_id: EndpointId
) -> None:
    delivery_id = told(ada)
    again = ada.write(service.redeliver, delivery_id).row
    (event,) = stored_rows(ada, EventRow)
    assert (again.event_id, again.trigger) == (event.id, DeliveryTrigger.REPLAY)
    assert list_(ada, endpoint_id) == [again.id, delivery_id]


def test_a_replay_begins_with_nothing_done_and_ends_now_at_the_latest(
    ada: Services, endpoint_id: EndpointId
) -> None:
    with ada.service.clock.stopped():
        now = ada.service.clock()
        row = ada.write(service.replay, endpoint_id, replay_of()).row
        late = ada.write(service.replay, endpoint_id, replay_of(until=now + timedelta(days=1))).row
        past = now - timedelta(days=1)
        early = ada.write(service.replay, endpoint_id, replay_of(until=past)).row
    assert (row.state, row.scanned_count, row.replayed_count) == (ReplayState.RUNNING, 0, 0)
    assert (row.until, late.until, early.until) == (now, now, past)
    assert job_of(ada, REPLAY, row.id) is not None


def test_a_range_that_ends_before_it_begins_is_rejected(
    ada: Services, endpoint_id: EndpointId
) -> None:
    body = replay_of(since="2026-02-01T00:00:00Z", until="2026-01-31T23:59:59Z")
    with pytest.raises(InvalidInput) as refused:
        ada.write(service.replay, endpoint_id, body)
    assert [fault.pointer for fault in refused.value.faults] == ["#/until"]


def test_nobody_else_sees_or_repeats_a_delivery(ada: Services, endpoint_id: EndpointId) -> None:
    delivery_id = told(ada)
    replay_id = ada.write(service.replay, endpoint_id, replay_of()).row.id
    for role in (Role.CANDIDATE, Role.RECRUITER):
        other = colleague(ada, role)
        with pytest.raises(EndpointNotFound):
            list_(other, endpoint_id)
        with pytest.raises(DeliveryNotFound):
            other.read(service.show_delivery, delivery_id)
        with pytest.raises(DeliveryNotFound):
            other.write(service.redeliver, delivery_id)
        with pytest.raises(EndpointNotFound):
            other.write(service.replay, endpoint_id, replay_of())
        with pytest.raises(ReplayNotFound):
            other.read(service.show_replay, replay_id)
