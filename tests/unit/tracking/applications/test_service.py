"""The service of applications."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.core.persistence.tenancy import Role
from app.core.problems import InvalidInput, PreconditionFailed
from app.core.unit_of_work.preconditions import Preconditions
from app.core.unit_of_work.session import WriteSession
from app.kit.ids import ApplicationId
from app.tracking.applications import service
from app.tracking.applications.lifecycle import Outcome, Stage, Status
from app.tracking.applications.problems import (
    ApplicationNotFound,
    OutcomeAlreadyRecorded,
    OutcomeNotFound,
    RecruiterUnknown,
)
from app.tracking.applications.schemas import ApplicationSort, ApplicationUpdate, OutcomePut
from tests.support.callers import Services, candidate, colleague, rendered
from tests.support.records import add_application
from tests.support.service import Service


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


def record(session: WriteSession, application_id: ApplicationId, body: OutcomePut) -> Any:
    """Record an outcome where none is expected yet."""
    session.preconditions = Preconditions(none_match=frozenset({"*"}))
    return service.record_outcome(session, application_id, body)


def correct(session: WriteSession, application_id: ApplicationId, body: OutcomePut) -> Any:
    session.preconditions = Preconditions(match=frozenset({"*"}))
    return service.record_outcome(session, application_id, body)


def update(ada: Services, application_id: ApplicationId, **fields: Any) -> Any:
    return ada.write(service.update, application_id, ApplicationUpdate.model_validate(fields))


def list_(ada: Services, **filters: Any) -> list[ApplicationId]:
    arguments: Any = {
        "status": None,
        "stage": None,
        "company": None,
        "sort": ApplicationSort.NEWEST,
        "limit": 20,
        "cursor": None,
    } | filters
    return [row.id for row in ada.read(service.list_, **arguments).rows]


def test_a_new_application_is_active_and_applied_today(ada: Services) -> None:
    row = ada.read(service.show, add_application(ada)).row
    assert (row.status, row.stage) == (Status.ACTIVE, Stage.APPLIED)
    assert row.applied_on == ada.service.clock().date()
    assert row.company_name == "Acme"


def test_another_candidate_s_application_is_not_found(ada: Services) -> None:
    application_id = add_application(ada)
    ben = colleague(ada, Role.CANDIDATE)
    for function in (service.show, service.get_summary, service.show_outcome):
        with pytest.raises(ApplicationNotFound):
            ben.read(function, application_id)


def test_the_list_is_filtered_and_sorted(ada: Services) -> None:
    first = add_application(ada, applied_on="2026-02-01")
    second = add_application(ada, company={"name": "Brackwell"}, applied_on="2026-01-01")
    assert list_(ada) == [second, first]
    assert list_(ada, sort=ApplicationSort.APPLIED_LAST) == [first, second]
    assert list_(ada, company="  brackwell ") == [second]
    company_id = ada.read(service.show, first).row.company_id
    assert list_(ada, company=company_id) == [first]
    assert list_(ada, status=Status.OFFER) == []
    assert list_(ada, stage=Stage.APPLIED) == [second, first]


def test_a_salary_that_ends_below_its_start_is_rejected(ada: Services) -> None:
    salary = {"minimum": 2, "maximum": 1, "currency": "GBP"}
    with pytest.raises(InvalidInput):
        add_application(ada, salary=salary)
    with pytest.raises(InvalidInput):
        update(ada, add_application(ada), salary=salary)


def test_only_given_fields_change(ada: Services) -> None:
    application_id = add_application(ada, notes="mine", location="Leeds")
    row = update(ada, application_id, location="York").row
    assert (row.location, row.notes) == ("York", "mine")
    assert update(ada, application_id, notes=None).row.notes is None


def test_a_changed_salary_has_the_same_defaults_as_a_new_one(ada: Services) -> None:
    salary = {"minimum": 2, "currency": "GBP"}
    new = add_application(ada, salary=salary)
    row = update(ada, add_application(ada), salary=salary).row
    assert row.salary == ada.read(service.show, new).row.salary
    assert row.salary == salary | {"maximum": None, "period": "year"}


def test_new_details_of_the_company_are_a_new_version(ada: Services) -> None:
    application_id = add_application(ada)
    before = ada.read(service.show, application_id)
    same = update(ada, application_id, company={"name": "Acme"})
    assert same.etag == before.etag
    changed = update(
        ada, application_id, company={"name": "acme", "website": "https://acme.example"}
    )
    assert changed.etag != before.etag
    assert changed.row.company_website == "https://acme.example"


def test_a_stage_only_advances_by_itself(ada: Services) -> None:
    application_id = add_application(ada)
    for stage, expected in ((Stage.SECOND, Stage.SECOND), (Stage.FIRST, Stage.SECOND)):
        ada.write(service.advance_stage, application_id, stage)
        assert ada.read(service.show, application_id).row.stage is expected


def test_an_outcome_closes_the_application_and_can_be_retracted(ada: Services) -> None:
    application_id = add_application(ada)
    ada.write(service.advance_stage, application_id, Stage.SECOND)
    with pytest.raises(OutcomeNotFound):
        ada.read(service.show_outcome, application_id)
    row = ada.write(record, application_id, OutcomePut(outcome=Outcome.NO_OFFER)).row
    assert (row.status, row.stage) == (Status.NO_OFFER, Stage.CLOSED)

    def retract(session: WriteSession) -> None:
        session.preconditions = Preconditions(match=frozenset({"*"}))
        service.retract_outcome(session, application_id)

    ada.write(retract)
    row = ada.read(service.show, application_id).row
    assert (row.status, row.stage) == (Status.ACTIVE, Stage.SECOND)


def test_the_same_outcome_again_changes_nothing(ada: Services) -> None:
    application_id = add_application(ada)
    body = OutcomePut(outcome=Outcome.OFFER)
    first = ada.write(record, application_id, body)
    assert ada.write(record, application_id, body).etag == first.etag
    assert [name for name, _ in ada.events()].count("application.outcome_recorded") == 1


def test_another_outcome_needs_the_version_that_it_replaces(ada: Services) -> None:
    application_id = add_application(ada)
    ada.write(record, application_id, OutcomePut(outcome=Outcome.OFFER))
    other = OutcomePut(outcome=Outcome.WITHDRAWN)
    with pytest.raises(OutcomeAlreadyRecorded):
        ada.write(service.record_outcome, application_id, other)

    def stale(session: WriteSession) -> None:
        session.preconditions = Preconditions(match=frozenset({'"99"'}))
        service.record_outcome(session, application_id, other)

    with pytest.raises(PreconditionFailed):
        ada.write(stale)
    assert ada.write(correct, application_id, other).row.status is Status.WITHDRAWN


def test_an_outcome_in_the_future_is_rejected(ada: Services) -> None:
    day = ada.service.clock().date() + timedelta(days=2)
    with pytest.raises(InvalidInput):
        ada.write(record, add_application(ada), OutcomePut(outcome=Outcome.OFFER, known_on=day))


def test_an_application_can_be_opened_to_a_recruiter_only(ada: Services) -> None:
    recruiter = colleague(ada, Role.RECRUITER)
    other = colleague(ada, Role.CANDIDATE)
    with pytest.raises(RecruiterUnknown):
        add_application(ada, shared_with=other.caller.member_id)
    application_id = add_application(ada, shared_with=recruiter.caller.member_id, notes="mine")
    shown = rendered(recruiter.read(service.show, application_id), Role.RECRUITER)
    assert (shown["job_title"], shown["notes"]) == ("Engineer", None)
    update(ada, application_id, shared_with=None)
    with pytest.raises(ApplicationNotFound):
        recruiter.read(service.show, application_id)


def test_a_deleted_application_is_gone(ada: Services) -> None:
    application_id = add_application(ada)
    ada.write(service.delete, application_id)
    with pytest.raises(ApplicationNotFound):
        ada.read(service.show, application_id)
    assert ada.events()[-1] == ("application.deleted", application_id)


@pytest.mark.parametrize(
    ("known_on", "is_rejected"),
    [(None, False), (date(2000, 1, 1), False), (date(9999, 1, 1), True)],
)
def test_a_day_that_has_not_begun_anywhere_is_rejected(
    ada: Services, known_on: date | None, *, is_rejected: bool
) -> None:
    assert bool(service.check_known_on(known_on, ada.service.clock())) is is_rejected
