"""The service of interviews."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.persistence.tenancy import Role
from app.core.problems import InvalidTransition, PreconditionFailed
from app.core.unit_of_work.preconditions import Preconditions
from app.core.unit_of_work.session import WriteSession
from app.kit.ids import ApplicationId, InterviewId
from app.tracking.applications import service as applications
from app.tracking.applications.lifecycle import Stage
from app.tracking.applications.problems import ApplicationNotFound
from app.tracking.interviews import service
from app.tracking.interviews.lifecycle import InterviewState
from app.tracking.interviews.problems import (
    EndNotPossible,
    InterviewNotFound,
    InterviewNotTakenPlace,
)
from app.tracking.interviews.schemas import ConclusionCreate, InterviewUpdate
from tests.support.callers import Services, candidate, colleague, rendered
from tests.support.records import add_application, add_interview, conclude
from tests.support.service import Service

PANEL = [
    {"name": "Dana Okafor", "seniority": "executive", "has_final_say": True},
    {"name": "Tomasz Wilk"},
]


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.fixture
def application_id(ada: Services) -> ApplicationId:
    return add_application(ada)


def update(ada: Services, interview_id: InterviewId, **fields: Any) -> Any:
    return ada.write(service.update, interview_id, InterviewUpdate.model_validate(fields))


def test_scheduling_advances_the_stage_and_keeps_the_panel(
    ada: Services, application_id: ApplicationId
) -> None:
    interview_id = add_interview(ada, application_id, round="second", panel=PANEL)
    shown = rendered(ada.read(service.show, interview_id))
    assert [member["name"] for member in shown["panel"]] == ["Dana Okafor", "Tomasz Wilk"]
    assert shown["panel"][0]["seniority"] == "executive"
    assert ada.read(applications.show, application_id).row.stage is Stage.SECOND


def test_interviews_are_listed_in_the_order_they_were_created(
    ada: Services, application_id: ApplicationId
) -> None:
    ids = [add_interview(ada, application_id, panel=PANEL[:n]) for n in range(3)]
    page = ada.read(service.list_, application_id, 2, None)
    assert [row.interview.id for row in page.rows] == ids[:2]
    assert [len(row.panel) for row in page.rows] == [0, 1]
    rest = ada.read(service.list_, application_id, 2, page.next_cursor)
    assert [row.interview.id for row in rest.rows] == ids[2:]


def test_another_candidate_s_records_are_not_found(
    ada: Services, application_id: ApplicationId
) -> None:
    interview_id = add_interview(ada, application_id)
    ben = colleague(ada, Role.CANDIDATE)
    with pytest.raises(InterviewNotFound):
        ben.read(service.show, interview_id)
    with pytest.raises(ApplicationNotFound):
        ben.read(service.list_, application_id, 20, None)


def test_a_new_start_reschedules(ada: Services, application_id: ApplicationId) -> None:
    interview_id = add_interview(ada, application_id)
    ada.write(service.cancel, interview_id)
    later = ada.service.clock() + timedelta(days=3)
    row = update(ada, interview_id, starts_at=later).row.interview
    assert (row.state, row.starts_at) == (InterviewState.SCHEDULED, later)
    assert ("interview.rescheduled", interview_id) in ada.events()


def test_a_panel_that_is_given_again_is_replaced(
    ada: Services, application_id: ApplicationId
) -> None:
    interview_id = add_interview(ada, application_id, panel=PANEL)
    before = ada.read(service.show, interview_id)
    changed = update(ada, interview_id, panel=[{"name": "Ines Duarte"}])
    assert [member.name for member in changed.row.panel] == ["Ines Duarte"]
    assert changed.etag != before.etag


def test_concluding_records_the_end_once(ada: Services, application_id: ApplicationId) -> None:
    interview_id = add_interview(ada, application_id)
    ended_at = ada.service.clock()
    for _ in range(2):
        conclude(ada, interview_id, ended_at)
    row = ada.read(service.get, interview_id)
    assert (row.state, row.ended_at) == (InterviewState.CONCLUDED, ended_at)
    assert [name for name, _ in ada.events()].count("interview.concluded") == 1
    with pytest.raises(InvalidTransition):
        conclude(ada, interview_id, ended_at - timedelta(minutes=1))


@pytest.mark.parametrize("offset", [timedelta(0), timedelta(days=-1), timedelta(days=2)])
def test_an_end_that_cannot_be_is_rejected(
    ada: Services, application_id: ApplicationId, offset: timedelta
) -> None:
    interview_id = add_interview(ada, application_id)
    starts_at = ada.read(service.get, interview_id).starts_at
    with pytest.raises(EndNotPossible):
        conclude(ada, interview_id, starts_at + offset)


def test_an_end_is_corrected_only_after_the_conclusion(
    ada: Services, application_id: ApplicationId
) -> None:
    interview_id = add_interview(ada, application_id)
    ended_at = ada.service.clock() - timedelta(minutes=10)
    with pytest.raises(EndNotPossible):
        update(ada, interview_id, ended_at=ended_at)
    conclude(ada, interview_id)
    assert update(ada, interview_id, ended_at=ended_at).row.interview.ended_at == ended_at


def test_only_an_interview_that_has_started_can_be_observed(
    ada: Services, application_id: ApplicationId
) -> None:
    ahead = add_interview(ada, application_id, starts_at=ada.service.clock() + timedelta(hours=1))
    with pytest.raises(InterviewNotTakenPlace):
        ada.read(service.get_started, ahead)
    cancelled = add_interview(ada, application_id)
    ada.write(service.cancel, cancelled)
    with pytest.raises(InterviewNotTakenPlace):
        ada.read(service.get_started, cancelled)
    assert ada.read(service.get_started, add_interview(ada, application_id))


def test_a_stale_version_changes_nothing(ada: Services, application_id: ApplicationId) -> None:
    interview_id = add_interview(ada, application_id)

    def cancel(session: WriteSession) -> None:
        session.preconditions = Preconditions(match=frozenset({'"99"'}))
        service.cancel(session, interview_id)

    with pytest.raises(PreconditionFailed):
        ada.write(cancel)
    assert ada.read(service.get, interview_id).state is InterviewState.SCHEDULED


def test_a_deleted_interview_is_gone_with_its_panel(
    ada: Services, application_id: ApplicationId
) -> None:
    interview_id = add_interview(ada, application_id, panel=PANEL)
    ada.write(service.delete, interview_id)
    assert ada.read(service.panel_of, interview_id) == ()
    with pytest.raises(InterviewNotFound):
        ada.write(service.conclude, interview_id, ConclusionCreate(ended_at=ada.service.clock()))
