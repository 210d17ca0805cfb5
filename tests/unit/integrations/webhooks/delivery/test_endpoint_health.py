"""Endpoint health: how long an endpoint fails or waits, and when it is disabled."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import Role
from app.core.unit_of_work.session import WriteSession
from app.integrations.webhooks.delivery.endpoint_health import (
    FAILS_FOR,
    EndpointHealth,
    is_success,
    retry_after,
)
from app.integrations.webhooks.delivery.results import (
    FailureKind,
    WebhookFailure,
    WebhookResponse,
)
from app.integrations.webhooks.subscriptions import service as endpoints
from app.integrations.webhooks.subscriptions.lifecycle import DisabledReason, EndpointState
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.integrations.webhooks.subscriptions.repository import EndpointRecord
from app.kit.ids import EndpointId
from tests.support.callers import Services, candidate, colleague
from tests.support.service import Service
from tests.support.tables import change_rows, stored_rows
from tests.support.webhooks import add_endpoint, endpoint_of, response

Result = WebhookResponse | WebhookFailure
TIMEOUT = WebhookFailure(FailureKind.TIMEOUT, "there was no response in time", 15.0)
HOUR = timedelta(hours=1)


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.fixture
def endpoint_id(ada: Services) -> EndpointId:
    return add_endpoint(ada)


def record(ada: Services, endpoint_id: EndpointId, *results: Result) -> EndpointRecord:
    """Record the results of some attempts as the dispatcher does, and return the endpoint."""
    has_arrived = any(
        isinstance(result, WebhookResponse) and is_success(result) for result in results
    )

    def write(session: WriteSession) -> bool:
        health = EndpointHealth(session, endpoints.get(session, endpoint_id), results)
        is_failing = bool(results) and not has_arrived
        return health.record(has_arrived=has_arrived, is_failing=is_failing)

    is_disabled = ada.write(write)
    row = endpoint_of(ada, endpoint_id)
    assert is_disabled is (row.state is EndpointState.DISABLED)
    return row


def disabled_events(ada: Services) -> list[dict[str, Any]]:
    rows = stored_rows(ada, EventRow)
    return [row.payload for row in rows if row.name == "endpoint.disabled"]


def test_an_endpoint_fails_since_the_first_attempt_that_failed(
    ada: Services, endpoint_id: EndpointId
) -> None:
    with ada.service.clock.stopped():
        now = ada.service.clock()
        assert record(ada, endpoint_id, TIMEOUT, response(500)).failing_since == now
        with ada.service.clock.later(HOUR):
            assert record(ada, endpoint_id, response(404)).failing_since == now


def test_one_arrival_is_a_recovery(ada: Services, endpoint_id: EndpointId) -> None:
    now = ada.service.clock()
    change_rows(ada, EndpointRow, failing_since=now, throttled_until=now)
    row = record(ada, endpoint_id, response(500), response(204))
    assert (row.failing_since, row.throttled_until) == (None, None)


def test_without_attempts_or_news_nothing_is_written(
    ada: Services, endpoint_id: EndpointId
) -> None:
    before = endpoint_of(ada, endpoint_id)
    assert record(ada, endpoint_id) == before
    assert record(ada, endpoint_id, response(200)) == before


def test_an_endpoint_waits_as_long_as_its_receiver_asks_at_most(
    ada: Services, endpoint_id: EndpointId
) -> None:
    with ada.service.clock.stopped():
        now = ada.service.clock()
        row = record(
            ada, endpoint_id, response(429, "60"), response(503, "3600"), response(503), TIMEOUT
        )
        assert row.throttled_until == now + HOUR
        assert record(ada, endpoint_id, response(503)).throttled_until == now + HOUR


def test_a_request_to_wait_counts_although_something_else_arrived(
    ada: Services, endpoint_id: EndpointId
) -> None:
    with ada.service.clock.stopped():
        row = record(ada, endpoint_id, response(200), response(429, "60"))
        assert row.throttled_until == ada.service.clock() + timedelta(seconds=60)
        assert row.failing_since is None


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (response(503, "60"), timedelta(seconds=60)),
        (response(301, "60"), timedelta(seconds=60)),
        (response(429, "86401"), timedelta(days=1)),
        (response(429, "0"), timedelta()),
        (response(503), None),
        (response(200, "60"), None),
        (TIMEOUT, None),
    ],
)
def test_only_a_failed_response_asks_to_wait_and_for_a_day_at_most(
    ada: Services, result: Result, expected: timedelta | None
) -> None:
    assert retry_after(result, ada.service.clock()) == expected


def test_a_receiver_that_asks_for_no_wait_is_not_waited_for(
    ada: Services, endpoint_id: EndpointId
) -> None:
    assert record(ada, endpoint_id, response(503, "0")).throttled_until is None


def test_a_receiver_that_is_gone_is_disabled_at_once_and_the_owner_is_told(
    ada: Services, endpoint_id: EndpointId
) -> None:
    row = record(ada, endpoint_id, response(204), response(410))
    assert (row.state, row.disabled_reason) == (EndpointState.DISABLED, DisabledReason.GONE)
    assert ada.events() == [("endpoint.disabled", endpoint_id)]
    assert disabled_events(ada) == [{"endpoint": endpoint_id, "because": "gone"}]


def test_a_recruiter_is_told_of_their_own_endpoint(ada: Services) -> None:
    recruiter = colleague(ada, Role.RECRUITER)
    endpoint_id = add_endpoint(recruiter)
    record(recruiter, endpoint_id, response(410))
    assert recruiter.events() == [("endpoint.disabled", endpoint_id)]
    assert ada.events() == []


def _failing_for(ada: Services, span: timedelta, now: datetime) -> None:
    change_rows(ada, EndpointRow, failing_since=now - span)


def test_an_endpoint_that_has_failed_long_enough_is_disabled(
    ada: Services, endpoint_id: EndpointId
) -> None:
    with ada.service.clock.stopped():
        now = ada.service.clock()
        _failing_for(ada, FAILS_FOR - timedelta(seconds=1), now)
        assert record(ada, endpoint_id, TIMEOUT).state is EndpointState.ACTIVE
        _failing_for(ada, FAILS_FOR, now)
        row = record(ada, endpoint_id, TIMEOUT)
    assert (row.state, row.disabled_reason) == (EndpointState.DISABLED, DisabledReason.FAILING)
    assert row.failing_since == now - FAILS_FOR
    assert disabled_events(ada) == [{"endpoint": endpoint_id, "because": "failing"}]


def test_only_another_failure_disables_an_endpoint_that_has_failed_long_enough(
    ada: Services, endpoint_id: EndpointId
) -> None:
    _failing_for(ada, FAILS_FOR, ada.service.clock())
    assert record(ada, endpoint_id).state is EndpointState.ACTIVE
    assert record(ada, endpoint_id, response(500), response(200)).state is EndpointState.ACTIVE
    assert disabled_events(ada) == []


@pytest.mark.parametrize("state", [EndpointState.PAUSED, EndpointState.DISABLED])
def test_an_endpoint_that_was_paused_or_disabled_meanwhile_stays_as_it_is(
    ada: Services, endpoint_id: EndpointId, state: EndpointState
) -> None:
    change_rows(ada, EndpointRow, state=state)

    def write(session: WriteSession) -> bool:
        health = EndpointHealth(session, endpoints.get(session, endpoint_id), [response(410)])
        health.disable(DisabledReason.UNSIGNABLE)
        return health.record(has_arrived=False, is_failing=True)

    assert not ada.write(write)
    row = endpoint_of(ada, endpoint_id)
    assert (row.state, row.disabled_reason) == (state, None)
    assert row.failing_since
    assert disabled_events(ada) == []


def test_an_endpoint_that_cannot_be_signed_for_is_disabled_without_an_attempt(
    ada: Services, endpoint_id: EndpointId
) -> None:
    def write(session: WriteSession) -> None:
        health = EndpointHealth(session, endpoints.get(session, endpoint_id), ())
        health.disable(DisabledReason.UNSIGNABLE)

    ada.write(write)
    row = endpoint_of(ada, endpoint_id)
    assert (row.state, row.disabled_reason) == (EndpointState.DISABLED, DisabledReason.UNSIGNABLE)
    assert disabled_events(ada) == [{"endpoint": endpoint_id, "because": "unsignable"}]


@pytest.mark.parametrize(
    ("status", "expected"), [(199, False), (200, True), (299, True), (300, False), (410, False)]
)
def test_any_status_of_success_is_an_arrival(status: int, *, expected: bool) -> None:
    assert is_success(response(status)) is expected
