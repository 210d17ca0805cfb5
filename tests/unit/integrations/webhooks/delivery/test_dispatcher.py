"""The dispatcher: which deliveries are sent, in which order, and how their results are recorded."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from app.core.messaging.job_queue import JobResult, LeaseLostError
from app.core.persistence.tenancy import Role
from app.core.security.encryption import SecretCipher
from app.integrations.webhooks.delivery.dispatcher import DeliveryDispatcher, RetrySchedule
from app.integrations.webhooks.delivery.lifecycle import DeliveryState
from app.integrations.webhooks.delivery.models import AttemptRow, DeliveryRow
from app.integrations.webhooks.delivery.results import (
    FailureKind,
    WebhookFailure,
    WebhookResponse,
)
from app.integrations.webhooks.job_kinds import DELIVER
from app.integrations.webhooks.subscriptions import service as endpoints
from app.integrations.webhooks.subscriptions.lifecycle import DisabledReason, EndpointState
from app.integrations.webhooks.subscriptions.schemas import SecretRotationCreate
from app.kit.ids import ApplicationId, EndpointId
from app.tracking.applications import service as applications
from app.tracking.applications.schemas import ApplicationUpdate
from tests.support.callers import Services, candidate, colleague
from tests.support.records import add_application
from tests.support.service import Service
from tests.support.tables import change_rows, stored_rows
from tests.support.webhooks import (
    ENDPOINTS,
    URL,
    FakeClient,
    add_endpoint,
    endpoint_of,
    fan_out_events,
    job_of,
    leased,
    response,
)

MINUTE = timedelta(minutes=1)
LEASE = timedelta(seconds=30)
SCHEDULE = RetrySchedule([MINUTE, 5 * MINUTE], chance=lambda: 0.0)
TIMEOUT = WebhookFailure(FailureKind.TIMEOUT, "there was no response in time", 15.0)


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.fixture
def endpoint_id(ada: Services) -> EndpointId:
    return add_endpoint(ada)


def dispatcher_of(owner: Services, client: Any) -> DeliveryDispatcher:
    return DeliveryDispatcher(owner.service.runner, client, ENDPOINTS, SCHEDULE, LEASE)


def deliver(owner: Services, endpoint_id: EndpointId, client: Any) -> JobResult | None:
    """Run the job of an endpoint."""
    job = leased(owner, DELIVER, endpoint_id)
    return asyncio.run(dispatcher_of(owner, client).deliver(job))


def told(owner: Services) -> ApplicationId:
    """Create an application, and the deliveries of its events; return its id."""
    application_id = add_application(owner)
    fan_out_events(owner)
    return application_id


def state(owner: Services) -> tuple[str, int, Any]:
    """Return the state, the attempts and the due time of the only delivery."""
    (row,) = stored_rows(owner, DeliveryRow)
    return row.state, row.attempt_count, row.due_at


def attempts(owner: Services) -> list[tuple[int | None, str | None, int, str]]:
    rows = stored_rows(owner, AttemptRow)
    return [(row.status, row.failure, row.duration_ms, row.response_excerpt) for row in rows]


def test_what_a_receiver_accepts_is_delivered(ada: Services, endpoint_id: EndpointId) -> None:
    told(ada)
    with ada.service.clock.stopped():
        client = FakeClient(response(204, body=b"thanks"))
        result = deliver(ada, endpoint_id, client)
        now = ada.service.clock()
    assert state(ada) == (DeliveryState.DELIVERED, 1, None)
    (row,) = stored_rows(ada, DeliveryRow)
    assert (row.delivered_at, row.updated_at, row.version) == (now, now, 2)
    assert attempts(ada) == [(204, None, 250, "thanks")]
    assert stored_rows(ada, AttemptRow)[0].member_id == ada.caller.member_id
    assert result == JobResult(job_of(ada, DELIVER, endpoint_id).requested_count)
    assert deliver(ada, endpoint_id, client) == result
    assert len(client.posted) == 1


def test_a_message_is_signed_by_every_active_secret(ada: Services, endpoint_id: EndpointId) -> None:
    rotate = ENDPOINTS.rotate_secret
    secrets = [
        ada.write(rotate, endpoint_id, SecretRotationCreate(overlap_minutes=60)).row.secret
        for _ in range(2)
    ]
    told(ada)
    client = FakeClient(response(204))
    deliver(ada, endpoint_id, client)
    ((url, body, headers),) = client.posted
    assert url == URL
    assert headers["webhook-id"] == stored_rows(ada, DeliveryRow)[0].event_id
    assert len(headers["webhook-signature"].split()) == 3
    for secret in secrets:
        Webhook(secret).verify(body, headers)


@pytest.mark.parametrize(
    ("result", "attempt"),
    [
        (response(500, body=b"no"), (500, None, 250, "no")),
        (response(301), (301, None, 250, "")),
        (TIMEOUT, (None, "timeout", 15_000, "")),
    ],
)
def test_what_fails_is_tried_again_by_the_schedule_and_then_given_up(
    ada: Services,
    endpoint_id: EndpointId,
    result: WebhookResponse | WebhookFailure,
    attempt: tuple[Any, ...],
) -> None:
    told(ada)
    clock, client = ada.service.clock, FakeClient(result)
    with clock.stopped():
        now = clock()
        count = job_of(ada, DELIVER, endpoint_id).requested_count
        for number, ahead, due in ((1, 0, 1), (2, 1, 6)):
            with clock.later(ahead * MINUTE):
                again = deliver(ada, endpoint_id, client)
            assert state(ada) == (DeliveryState.PENDING, number, now + due * MINUTE)
            assert again == JobResult(count, now + due * MINUTE, is_slow=True)
        assert endpoint_of(ada, endpoint_id).failing_since == now
        with clock.later(6 * MINUTE):
            assert deliver(ada, endpoint_id, client) == JobResult(count, is_slow=True)
    assert state(ada) == (DeliveryState.FAILED, 3, None)
    assert attempts(ada) == [attempt] * 3


@pytest.mark.parametrize(("seconds", "minutes"), [(30, 1), (600, 10)])
def test_a_retry_is_not_made_before_the_receiver_wants_it(
    ada: Services, endpoint_id: EndpointId, seconds: int, minutes: int
) -> None:
    told(ada)
    client = FakeClient(response(429, str(seconds)))
    with ada.service.clock.stopped():
        now = ada.service.clock()
        result = deliver(ada, endpoint_id, client)
        assert result is not None
        assert state(ada)[2] == result.run_again_at == now + minutes * MINUTE
        told(ada)
        waiting = deliver(ada, endpoint_id, client)
    assert waiting is not None
    assert waiting.run_again_at == now + timedelta(seconds=seconds)
    assert len(client.posted) == 1


def test_what_the_owner_may_no_longer_see_is_withheld(ada: Services) -> None:
    recruiter = colleague(ada, Role.RECRUITER)
    endpoint_id = add_endpoint(recruiter, event_types=["application.created"])
    shared = add_application(ada, shared_with=recruiter.caller.member_id)
    fan_out_events(ada)
    body = ApplicationUpdate.model_validate({"shared_with": None})
    ada.write(applications.update, shared, body)
    client = FakeClient(response(204))
    result = deliver(recruiter, endpoint_id, client)
    assert state(ada) == (DeliveryState.WITHHELD, 0, None)
    assert (client.posted, attempts(ada)) == ([], [])
    assert result == JobResult(1)
    assert endpoint_of(recruiter, endpoint_id).failing_since is None


def test_a_receiver_that_is_gone_gets_nothing_more(ada: Services, endpoint_id: EndpointId) -> None:
    told(ada)
    client = FakeClient(response(410))
    result = deliver(ada, endpoint_id, client)
    assert result == JobResult(job_of(ada, DELIVER, endpoint_id).requested_count)
    row = endpoint_of(ada, endpoint_id)
    assert (row.state, row.disabled_reason) == (EndpointState.DISABLED, DisabledReason.GONE)
    change_rows(ada, DeliveryRow, due_at=ada.service.clock())
    assert deliver(ada, endpoint_id, client) == result
    assert len(client.posted) == 1


def test_nothing_is_sent_unsigned(ada: Services, endpoint_id: EndpointId) -> None:
    told(ada)
    client = FakeClient(response(204))
    cipher = SecretCipher(b"another secret of the server", endpoints.ENCRYPTION_PURPOSE)
    other: Any = replace(dispatcher_of(ada, client), endpoints=replace(ENDPOINTS, cipher=cipher))
    asyncio.run(other.deliver(leased(ada, DELIVER, endpoint_id)))
    assert client.posted == []
    row = endpoint_of(ada, endpoint_id)
    assert (row.state, row.disabled_reason) == (EndpointState.DISABLED, DisabledReason.UNSIGNABLE)
    assert ("endpoint.disabled", endpoint_id) in ada.events()
    assert state(ada)[0] is DeliveryState.PENDING


def test_a_paused_endpoint_gets_nothing_and_a_deleted_one_has_no_job(
    ada: Services, endpoint_id: EndpointId
) -> None:
    told(ada)
    ada.write(endpoints.pause, endpoint_id)
    client = FakeClient(response(204))
    assert deliver(ada, endpoint_id, client) == JobResult(1)
    ada.write(endpoints.delete, endpoint_id)
    assert deliver(ada, endpoint_id, client) is None
    assert client.posted == []


@dataclass
class Interrupting(FakeClient):
    """A client during whose request something else happens."""

    interruption: Callable[[], object] = bool

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> WebhookResponse | WebhookFailure:
        self.interruption()
        return await super().post(url, body, headers)


def test_an_endpoint_that_is_deleted_during_a_request_ends_the_job(
    ada: Services, endpoint_id: EndpointId
) -> None:
    told(ada)
    client = Interrupting(
        response(204), interruption=lambda: ada.write(endpoints.delete, endpoint_id)
    )
    assert deliver(ada, endpoint_id, client) == JobResult(1)
    assert stored_rows(ada, DeliveryRow) == attempts(ada) == []


def test_a_worker_that_lost_its_lease_records_nothing(
    ada: Services, endpoint_id: EndpointId
) -> None:
    told(ada)
    client = Interrupting(response(204), interruption=lambda: leased(ada, DELIVER, endpoint_id))
    with pytest.raises(LeaseLostError):
        deliver(ada, endpoint_id, client)
    assert state(ada)[:2] == (DeliveryState.PENDING, 0)
    assert attempts(ada) == []


def test_a_response_is_kept_as_text_that_can_be_stored(
    ada: Services, endpoint_id: EndpointId
) -> None:
    told(ada)
    deliver(ada, endpoint_id, FakeClient(response(500, body=b"\0\xffx" + b"y" * 2_000)))
    ((_, _, _, text),) = attempts(ada)
    assert text == "\ufffd\ufffdx" + "y" * 997
