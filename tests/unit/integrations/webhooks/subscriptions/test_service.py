"""The service of webhook endpoints."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from app.core.persistence.tenancy import Role
from app.core.problems import PreconditionFailed
from app.core.security.encryption import DecryptionError, SecretCipher
from app.core.unit_of_work.preconditions import Preconditions
from app.core.unit_of_work.session import ReadSession
from app.integrations.webhooks.job_kinds import DELIVER
from app.integrations.webhooks.problems import (
    EndpointNotActive,
    EndpointNotFound,
    InvalidTargetUrl,
    TooManyEndpoints,
    TooManySecrets,
)
from app.integrations.webhooks.subscriptions import service
from app.integrations.webhooks.subscriptions.lifecycle import DisabledReason, EndpointState
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.integrations.webhooks.subscriptions.previous_secrets import MAX_PREVIOUS_SECRETS
from app.integrations.webhooks.subscriptions.schemas import (
    EndpointCreate,
    EndpointUpdate,
    PayloadFormat,
    SecretRotationCreate,
)
from app.kit.ids import EndpointId
from app.kit.lifecycle import InvalidTransitionError
from tests.support.callers import Services, candidate, colleague, expecting, rendered
from tests.support.service import Service
from tests.support.tables import change_rows, stored_rows
from tests.support.webhooks import ENDPOINTS, URL, add_endpoint, endpoint_of, job_of


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


def create(ada: Services, **fields: Any) -> Any:
    return ada.write(ENDPOINTS.create, EndpointCreate.model_validate({"url": URL} | fields))


def update(ada: Services, endpoint_id: EndpointId, **fields: Any) -> Any:
    return ada.write(ENDPOINTS.update, endpoint_id, EndpointUpdate.model_validate(fields))


def rotate(ada: Services, endpoint_id: EndpointId, overlap_minutes: int) -> Any:
    return ada.write(
        ENDPOINTS.rotate_secret, endpoint_id, SecretRotationCreate(overlap_minutes=overlap_minutes)
    )


def secrets_of(ada: Services, endpoint_id: EndpointId) -> list[str]:
    def read(session: ReadSession) -> list[str]:
        return ENDPOINTS.secrets(session, service.get(session, endpoint_id))

    return ada.read(read)


def list_(ada: Services, limit: int = 20, cursor: str | None = None) -> Any:
    return ada.read(service.list_, limit, cursor)


def test_a_new_endpoint_is_active_and_receives_everything_thin(ada: Services) -> None:
    row = create(ada, description="our CRM").row.endpoint
    assert (row.url, row.description, row.event_types) == (URL, "our CRM", None)
    assert (row.state, row.payload_format) == (EndpointState.ACTIVE, PayloadFormat.THIN)
    assert row.member_id == ada.caller.member_id
    assert (row.disabled_reason, row.failing_since, row.throttled_until) == (None, None, None)


def test_the_secret_is_shown_once_and_stored_encrypted(ada: Services) -> None:
    created = create(ada)
    secret = rendered(created)["secret"]
    endpoint_id = created.row.endpoint.id
    assert secret.startswith("whsec_")
    assert secrets_of(ada, endpoint_id) == [secret]
    (row,) = stored_rows(ada, EndpointRow)
    assert secret.encode() not in row.secret
    assert row.previous_secrets is None
    assert "secret" not in rendered(ada.read(service.show, endpoint_id))
    assert secrets_of(ada, add_endpoint(ada)) != [secret]


def test_the_secret_of_an_endpoint_is_good_for_no_other_endpoint_and_no_other_key(
    ada: Services,
) -> None:
    first, second = add_endpoint(ada), add_endpoint(ada)
    change_rows(ada, EndpointRow, EndpointRow.id == second, secret=endpoint_of(ada, first).secret)
    with pytest.raises(DecryptionError):
        secrets_of(ada, second)
    cipher = SecretCipher(b"another secret of the server", service.ENCRYPTION_PURPOSE)
    other = replace(ENDPOINTS, cipher=cipher)
    with pytest.raises(DecryptionError):
        ada.read(other.secrets, endpoint_of(ada, first))


def test_a_member_has_so_many_endpoints_and_no_more(
    ada: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_ENDPOINTS", 2)
    ben = colleague(ada, Role.CANDIDATE)
    add_endpoint(ben)
    first, _ = add_endpoint(ada), add_endpoint(ada)
    with pytest.raises(TooManyEndpoints) as refused:
        add_endpoint(ada)
    assert refused.value.extensions == {"most": 2}
    ada.write(service.delete, first)
    add_endpoint(ada)


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/x", "http://receiver.example/", "https://user@receiver.example/"]
)
def test_a_target_that_is_unsuitable_is_rejected_with_the_reason(ada: Services, url: str) -> None:
    endpoint_id = add_endpoint(ada)
    before = endpoint_of(ada, endpoint_id)
    for change in (partial(create, ada), partial(update, ada, endpoint_id)):
        with pytest.raises(InvalidTargetUrl) as refused:
            change(url=url)
        (fault,) = refused.value.faults
        assert fault.pointer == "#/url"
        assert fault.detail
    assert stored_rows(ada, EndpointRow)[0].version == before.version
    assert len(stored_rows(ada, EndpointRow)) == 1


def test_in_development_a_target_may_be_on_this_machine(ada: Services) -> None:
    local = replace(ENDPOINTS, development=True)
    created = ada.write(local.create, EndpointCreate(url="http://127.0.0.1:8000/hooks"))
    assert created.row.endpoint.url == "http://127.0.0.1:8000/hooks"


def test_only_the_given_fields_change(ada: Services) -> None:
    endpoint_id = add_endpoint(ada, event_types=["feedback.sent"], description="our CRM")
    before = endpoint_of(ada, endpoint_id)
    row = update(
        ada, endpoint_id, url="HTTPS://Receiver.Example:443/new", payload_format="full"
    ).row
    assert (row.url, row.payload_format) == ("https://receiver.example/new", PayloadFormat.FULL)
    assert (row.event_types, row.description) == (["feedback.sent"], "our CRM")
    assert (row.secret, row.version) == (before.secret, before.version + 1)
    assert update(ada, endpoint_id, event_types=None, description=None).row.event_types is None
    assert update(ada, endpoint_id, event_types=None).row.version == before.version + 2


def test_a_change_is_made_in_the_version_that_the_request_names(ada: Services) -> None:
    endpoint_id = add_endpoint(ada)
    stale = Preconditions(match=frozenset({'"2"'}))
    with pytest.raises(PreconditionFailed):
        ada.write(expecting(stale, ENDPOINTS.update), endpoint_id, EndpointUpdate(description="x"))
    with pytest.raises(PreconditionFailed):
        ada.write(expecting(stale, service.delete), endpoint_id)


def test_during_the_overlap_the_replaced_secret_signs_too_the_newest_first(ada: Services) -> None:
    created = create(ada)
    endpoint_id, first = created.row.endpoint.id, created.row.secret
    with ada.service.clock.stopped():
        second = rotate(ada, endpoint_id, 60).row.secret
        third = rotate(ada, endpoint_id, 30)
        expiry = rendered(third)["previous_secret_expires_at"]
        assert expiry == ada.service.clock() + timedelta(minutes=60)
        for minutes, expected in (
            (0, [third.row.secret, second, first]),
            (30, [third.row.secret, first]),
            (60, [third.row.secret]),
        ):
            with ada.service.clock.later(timedelta(minutes=minutes)):
                assert secrets_of(ada, endpoint_id) == expected


def test_without_overlap_only_the_new_secret_signs(ada: Services) -> None:
    endpoint_id = add_endpoint(ada)
    for _ in range(2):
        rotate(ada, endpoint_id, 60)
    rotated = rotate(ada, endpoint_id, 0)
    assert secrets_of(ada, endpoint_id) == [rotated.row.secret]
    assert rendered(rotated)["previous_secret_expires_at"] is None


def test_so_many_secrets_are_active_at_once_until_the_first_expires(ada: Services) -> None:
    endpoint_id = add_endpoint(ada)
    with ada.service.clock.stopped():
        now = ada.service.clock()
        for minutes in range(MAX_PREVIOUS_SECRETS, 0, -1):
            rotate(ada, endpoint_id, minutes)
        assert len(secrets_of(ada, endpoint_id)) == MAX_PREVIOUS_SECRETS + 1
        with pytest.raises(TooManySecrets) as refused:
            rotate(ada, endpoint_id, 60)
        assert refused.value.extensions == {"ends_at": now + timedelta(minutes=1)}
        with ada.service.clock.later(timedelta(minutes=1)):
            rotate(ada, endpoint_id, 60)
            assert len(secrets_of(ada, endpoint_id)) == MAX_PREVIOUS_SECRETS + 1


def test_a_paused_endpoint_is_resumed_and_what_waits_is_delivered(ada: Services) -> None:
    endpoint_id = add_endpoint(ada)
    now = ada.service.clock()
    change_rows(ada, EndpointRow, failing_since=now, throttled_until=now + timedelta(hours=1))
    paused = ada.write(service.pause, endpoint_id).row
    assert (paused.state, paused.failing_since) == (EndpointState.PAUSED, now)
    assert job_of(ada, DELIVER, endpoint_id) is None
    row = ada.write(service.resume, endpoint_id).row
    assert row.state is EndpointState.ACTIVE
    assert (row.failing_since, row.throttled_until) == (None, None)
    assert job_of(ada, DELIVER, endpoint_id).due_at <= ada.service.clock()


def test_a_disabled_endpoint_is_resumed_and_cannot_be_paused(ada: Services) -> None:
    endpoint_id = add_endpoint(ada)
    because = DisabledReason.GONE
    change_rows(ada, EndpointRow, state=EndpointState.DISABLED, disabled_reason=because)
    with pytest.raises(InvalidTransitionError):
        ada.write(service.pause, endpoint_id)
    row = ada.write(service.resume, endpoint_id).row
    assert (row.state, row.disabled_reason) == (EndpointState.ACTIVE, None)


def test_an_active_endpoint_cannot_be_resumed_nor_a_paused_one_paused(ada: Services) -> None:
    endpoint_id = add_endpoint(ada)
    with pytest.raises(InvalidTransitionError):
        ada.write(service.resume, endpoint_id)
    ada.write(service.pause, endpoint_id)
    with pytest.raises(InvalidTransitionError):
        ada.write(service.pause, endpoint_id)


def test_only_an_active_endpoint_is_sent_something(ada: Services) -> None:
    endpoint_id = add_endpoint(ada)
    assert ada.read(service.get_active, endpoint_id).id == endpoint_id
    for state in (EndpointState.PAUSED, EndpointState.DISABLED):
        change_rows(ada, EndpointRow, state=state)
        with pytest.raises(EndpointNotActive) as refused:
            ada.read(service.get_active, endpoint_id)
        assert refused.value.extensions == {"state": state}


def test_a_deleted_endpoint_is_gone(ada: Services) -> None:
    endpoint_id, other = add_endpoint(ada), add_endpoint(ada)
    ada.write(service.delete, endpoint_id)
    with pytest.raises(EndpointNotFound):
        ada.read(service.show, endpoint_id)
    assert [row.id for row in list_(ada).rows] == [other]


def test_nobody_else_sees_or_changes_an_endpoint(ada: Services) -> None:
    endpoint_id = add_endpoint(ada)
    for role in (Role.CANDIDATE, Role.RECRUITER, Role.ADMIN):
        other = colleague(ada, role)
        assert list_(other).rows == []
        for function in (service.show, service.get_active):
            with pytest.raises(EndpointNotFound):
                other.read(function, endpoint_id)
        for change in (service.pause, service.delete):
            with pytest.raises(EndpointNotFound):
                other.write(change, endpoint_id)
        with pytest.raises(EndpointNotFound):
            rotate(other, endpoint_id, 0)


def test_endpoints_are_listed_in_the_order_in_which_they_were_created(ada: Services) -> None:
    ids = [add_endpoint(ada) for _ in range(3)]
    page = list_(ada, limit=2)
    assert [row.id for row in page.rows] == ids[:2]
    assert [row.id for row in list_(ada, limit=2, cursor=page.next_cursor).rows] == ids[2:]
