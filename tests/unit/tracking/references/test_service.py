"""The service of references."""

from typing import Any

import pytest

from app.core.persistence.tenancy import Role
from app.kit.ids import ApplicationId, ReferenceId
from app.kit.lifecycle import InvalidTransitionError
from app.tracking.references import service
from app.tracking.references.lifecycle import ReferenceState
from app.tracking.references.problems import RefereeAlreadyNamed, ReferenceNotFound
from app.tracking.references.schemas import ReferenceCreate, ReferenceUpdate
from tests.support.callers import Services, candidate, colleague
from tests.support.records import add_application
from tests.support.service import Service


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.fixture
def application_id(ada: Services) -> ApplicationId:
    return add_application(ada)


def name_referee(ada: Services, application_id: ApplicationId, name: str = "Esther") -> ReferenceId:
    body = ReferenceCreate.model_validate({"referee": {"name": name}})
    return ada.write(service.create, application_id, body).row.id


def state(ada: Services, reference_id: ReferenceId) -> ReferenceState:
    return ada.read(service.show, reference_id).row.state


def pending(ada: Services, *, has_pending_action: bool | None) -> list[ReferenceId]:
    page = ada.read(service.list_, has_pending_action=has_pending_action, limit=20, cursor=None)
    return [row.id for row in page.rows]


def test_every_step_moves_the_state_and_records_its_time(
    ada: Services, application_id: ApplicationId
) -> None:
    reference_id = name_referee(ada, application_id)
    for step, expected in (
        (service.WARNING, ReferenceState.WARNED),
        (service.REMINDER, ReferenceState.WARNED),
        (service.REQUEST, ReferenceState.AWAITED),
        (service.DELIVERY, ReferenceState.GIVEN),
        (service.THANKS, ReferenceState.THANKED),
    ):
        ada.write(service.record_step, reference_id, step)
        assert state(ada, reference_id) is expected
    row: Any = ada.read(service.show, reference_id).row
    times = [row.warned_at, row.reminded_at, row.requested_at, row.given_at, row.thanked_at]
    assert times == sorted(times)


def test_a_step_that_the_state_does_not_allow_changes_nothing(
    ada: Services, application_id: ApplicationId
) -> None:
    reference_id = name_referee(ada, application_id)
    with pytest.raises(InvalidTransitionError):
        ada.write(service.record_step, reference_id, service.THANKS)
    assert state(ada, reference_id) is ReferenceState.NAMED


def test_a_referee_is_named_once_per_application(
    ada: Services, application_id: ApplicationId
) -> None:
    reference_id = name_referee(ada, application_id)
    with pytest.raises(RefereeAlreadyNamed) as named:
        name_referee(ada, application_id, "  esther ")
    assert named.value.extensions["reference"] == reference_id
    assert name_referee(ada, add_application(ada)) != reference_id


def test_the_referee_can_be_replaced_only_before_any_step(
    ada: Services, application_id: ApplicationId
) -> None:
    reference_id = name_referee(ada, application_id)
    other = ReferenceUpdate.model_validate({"referee": {"name": "Joel"}})
    ada.write(service.update, reference_id, other)
    ada.write(service.record_step, reference_id, service.WARNING)
    third = ReferenceUpdate.model_validate({"referee": {"name": "Mina"}})
    with pytest.raises(InvalidTransitionError):
        ada.write(service.update, reference_id, third)


def test_new_details_of_the_referee_are_a_new_version(
    ada: Services, application_id: ApplicationId
) -> None:
    reference_id = name_referee(ada, application_id)
    before = ada.read(service.show, reference_id)
    body = ReferenceUpdate.model_validate({"referee": {"name": "Esther", "title": "Manager"}})
    assert ada.write(service.update, reference_id, body).etag != before.etag


def test_references_with_a_pending_action_are_found(
    ada: Services, application_id: ApplicationId
) -> None:
    reference_id = name_referee(ada, application_id)
    assert pending(ada, has_pending_action=True) == [reference_id]
    ada.write(service.record_step, reference_id, service.WARNING)
    assert pending(ada, has_pending_action=True) == []
    assert pending(ada, has_pending_action=False) == [reference_id]
    assert pending(ada, has_pending_action=None) == [reference_id]
    page = ada.read(service.list_of, application_id, 20, None)
    assert [row.id for row in page.rows] == [reference_id]


def test_a_reference_belongs_to_its_candidate(ada: Services, application_id: ApplicationId) -> None:
    reference_id = name_referee(ada, application_id)
    ben = colleague(ada, Role.CANDIDATE)
    with pytest.raises(ReferenceNotFound):
        ben.read(service.show, reference_id)
    ada.write(service.delete, reference_id)
    with pytest.raises(ReferenceNotFound):
        ada.read(service.show, reference_id)
