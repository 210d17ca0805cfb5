"""The service of steps, and the reconciler that keeps them up to date."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.persistence.tenancy import Role
from app.guidance.steps import service
from app.guidance.steps.lifecycle import Move, StepState
from app.guidance.steps.problems import StepNotFound
from app.guidance.steps.reconciler import reconcile
from app.guidance.steps.repository import StepRecord
from app.guidance.steps.schemas import DueFilter
from app.kit.ids import ApplicationId
from app.kit.lifecycle import InvalidTransitionError
from app.tracking.interviews import service as interviews
from tests.support.callers import Services, candidate, colleague
from tests.support.records import add_application, add_interview, conclude
from tests.support.service import Service


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.fixture
def application_id(ada: Services) -> ApplicationId:
    return add_application(ada)


def steps(ada: Services, **filters: Any) -> dict[str, StepRecord]:
    arguments: Any = {"application": None, "state": None, "due": None} | filters
    page = ada.read(lambda session: service.list_(session, **arguments, limit=100, cursor=None))
    return {row.guide_step: row for row in page.rows}


def test_a_concluded_interview_leads_to_steps_with_due_times(
    ada: Services, application_id: ApplicationId
) -> None:
    assert steps(ada) == {}
    conclude(ada, add_interview(ada, application_id))
    found = steps(ada)
    assert "report_to_recruiter" in found
    times = [row.due_at for row in found.values()]
    assert times == sorted(times)


def test_steps_are_filtered_by_application_state_and_due_time(
    ada: Services, application_id: ApplicationId
) -> None:
    conclude(ada, add_interview(ada, application_id))
    other = add_application(ada)
    assert steps(ada, application=other) == {}
    assert steps(ada, application=application_id) == steps(ada)
    now, later = steps(ada, due=DueFilter.NOW), steps(ada, due=DueFilter.LATER)
    assert now.keys() | later.keys() == steps(ada).keys()
    assert not now.keys() & later.keys()
    assert steps(ada, state=StepState.DONE) == {}


def test_a_step_is_completed_or_dismissed(ada: Services, application_id: ApplicationId) -> None:
    conclude(ada, add_interview(ada, application_id))
    done, dismissed = list(steps(ada).values())[:2]
    assert ada.write(service.transition, done.id, Move.COMPLETE).row.state is StepState.DONE
    shown = ada.write(service.transition, dismissed.id, Move.DISMISS).row
    assert shown.state is StepState.DISMISSED
    with pytest.raises(InvalidTransitionError):
        ada.write(service.transition, done.id, Move.DISMISS)
    assert ada.write(service.transition, dismissed.id, Move.COMPLETE).row.state is StepState.DONE


def test_the_steps_of_a_cancelled_interview_go(
    ada: Services, application_id: ApplicationId
) -> None:
    starts_at = ada.service.clock() + timedelta(days=3)
    interview_id = add_interview(ada, application_id, starts_at=starts_at)
    assert steps(ada)
    ada.write(interviews.cancel, interview_id)
    assert not [row for row in steps(ada).values() if row.interview_id == interview_id]


def test_reconciling_again_changes_nothing(ada: Services, application_id: ApplicationId) -> None:
    conclude(ada, add_interview(ada, application_id))
    before = steps(ada)
    ada.write(reconcile, application_id)
    assert steps(ada) == before


def test_steps_are_the_candidate_s_alone(ada: Services, application_id: ApplicationId) -> None:
    conclude(ada, add_interview(ada, application_id))
    step = next(iter(steps(ada).values()))
    for role in (Role.CANDIDATE, Role.RECRUITER, Role.ADMIN):
        other = colleague(ada, role)
        assert steps(other) == {}
        with pytest.raises(StepNotFound):
            other.read(service.show, step.id)
