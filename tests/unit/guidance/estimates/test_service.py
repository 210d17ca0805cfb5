"""The service of estimates."""

from typing import Any

import pytest

from app.core.persistence.tenancy import Role
from app.guidance.estimates import service
from app.guidance.estimates.schemas import Sharing, SimulationCreate
from app.kit.ids import InterviewId
from app.reflection.debriefs import service as debriefs
from app.reflection.debriefs.schemas import SignalsPut
from app.tracking.applications.problems import ApplicationNotFound
from app.tracking.interviews import service as interviews
from tests.support.callers import ANY_VERSION, Services, candidate, colleague, expecting
from tests.support.records import add_application, add_interview, conclude
from tests.support.service import Service

GOOD = {"conversational": "clearly", "interviewer_engaged": "clearly"}


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


def observe(ada: Services, interview_id: InterviewId, signals: dict[str, str]) -> None:
    body = SignalsPut.model_validate({"signals": signals})
    ada.write(expecting(ANY_VERSION, debriefs.record_signals), interview_id, body)


def history(ada: Services, application_id: Any) -> list[Any]:
    return list(ada.read(service.history, application_id, 100, None).rows)


def test_without_evidence_the_estimate_is_the_base_rate(ada: Services) -> None:
    estimate = ada.read(service.show, add_application(ada))
    assert estimate.contributions == []
    assert 0 < estimate.probability < 1


def test_a_good_signal_raises_the_estimate_and_explains_it(ada: Services) -> None:
    application_id = add_application(ada)
    interview_id = add_interview(ada, application_id)
    before = ada.read(service.show, application_id).probability
    observe(ada, interview_id, GOOD)
    after = ada.read(service.show, application_id)
    assert after.probability > before
    assert {str(part.signal) for part in after.contributions} == set(GOOD)
    assert all(part.log_odds > 0 for part in after.contributions)


def test_an_estimate_is_stored_when_the_evidence_changes_and_not_when_it_is_read(
    ada: Services,
) -> None:
    application_id = add_application(ada)
    interview_id = add_interview(ada, application_id)
    ada.read(service.show, application_id)
    assert history(ada, application_id) == []
    observe(ada, interview_id, GOOD)
    assert len(history(ada, application_id)) == 1
    observe(ada, interview_id, GOOD)
    assert len(history(ada, application_id)) == 1
    observe(ada, interview_id, {"rambled": "clearly"})
    assert len(history(ada, application_id)) == 2


def test_a_cancelled_interview_is_no_evidence(ada: Services) -> None:
    application_id = add_application(ada)
    observe(ada, add_interview(ada, application_id), GOOD)
    before = ada.read(service.case_of, application_id)
    second = add_interview(ada, application_id, round="second")
    observe(ada, second, GOOD)
    assert ada.read(service.case_of, application_id) != before
    ada.write(interviews.cancel, second)
    assert ada.read(service.case_of, application_id) == before


def test_a_what_if_stores_nothing(ada: Services) -> None:
    body = SimulationCreate.model_validate({"interviews": [{"round": "first", "signals": GOOD}]})
    simulated = ada.read(service.simulate, body)
    application_id = add_application(ada)
    observe(ada, add_interview(ada, application_id), GOOD)
    real = ada.read(service.show, application_id)
    assert simulated.probability == real.probability  # type: ignore[union-attr]  # one case
    many = SimulationCreate.model_validate(
        {"cases": [{"interviews": [{"round": "first", "signals": GOOD}]}] * 3}
    )
    assert len(ada.read(service.simulate, many).root) == 3  # type: ignore[union-attr]  # many


def test_the_development_shows_each_interview_with_its_estimates(ada: Services) -> None:
    application_id = add_application(ada)
    interview_id = add_interview(ada, application_id)
    observe(ada, interview_id, GOOD)
    conclude(ada, interview_id)
    shown = ada.read(service.development, application_id)
    assert [str(each.interview) for each in shown.interviews] == [interview_id]


def test_another_candidate_s_estimate_is_not_found(ada: Services) -> None:
    application_id = add_application(ada)
    for role in (Role.CANDIDATE, Role.RECRUITER, Role.ADMIN):
        other = colleague(ada, role)
        with pytest.raises(ApplicationNotFound):
            other.read(service.show, application_id)
        with pytest.raises(ApplicationNotFound):
            other.read(service.estimate_svg, application_id)


def test_sharing_is_off_until_it_is_turned_on(ada: Services) -> None:
    office = colleague(ada, Role.ADMIN)
    assert office.read(service.show_sharing).value.is_shared is False
    turned = office.write(expecting(ANY_VERSION, service.set_sharing), Sharing(is_shared=True))
    assert turned.value.is_shared is True
    again = office.write(expecting(ANY_VERSION, service.set_sharing), Sharing(is_shared=True))
    assert again.etag == turned.etag
    assert office.read(service.model_card).value.is_shared is True


def test_a_calibration_needs_outcomes(ada: Services) -> None:
    shown = ada.read(service.calibration)
    assert shown.outcomes == 0
    assert ada.read(service.calibration_svg).startswith("<svg")
