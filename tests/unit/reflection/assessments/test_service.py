"""The service of assessments."""

from typing import Any

import pytest

from app.core.persistence.tenancy import Role
from app.core.problems import PreconditionFailed
from app.kit.ids import ApplicationId
from app.reflection.assessments import service
from app.reflection.assessments.problems import AnswerUnknown
from app.reflection.assessments.schemas import QUESTIONNAIRE, AssessmentPut
from app.tracking.applications.problems import ApplicationNotFound
from tests.support.callers import (
    ANY_VERSION,
    NOTHING_YET,
    Services,
    candidate,
    colleague,
    expecting,
    rendered,
)
from tests.support.records import add_application
from tests.support.service import Service

FIRST, SECOND = QUESTIONNAIRE.sections[0].items[:2]


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.fixture
def application_id(ada: Services) -> ApplicationId:
    return add_application(ada)


def put(ada: Services, application_id: ApplicationId, answers: Any, **fields: Any) -> Any:
    body = AssessmentPut.model_validate({"answers": answers} | fields)
    return ada.write(expecting(ANY_VERSION, service.assess), application_id, body)


def test_an_assessment_that_is_not_written_yet_has_no_answers(
    ada: Services, application_id: ApplicationId
) -> None:
    shown = rendered(ada.read(service.show, application_id))
    assert (shown["answers"], shown["own_score"], shown["updated_at"]) == ({}, None, None)
    assert {question["answered"] for question in shown["questions"]} == {0}


def test_answers_are_stored_as_a_whole_and_averaged_by_question(
    ada: Services, application_id: ApplicationId
) -> None:
    put(ada, application_id, {FIRST.id: {"score": 2}})
    answers = {FIRST.id: {"score": 4}, SECOND.id: {"score": 5, "text": "yes"}}
    shown = rendered(put(ada, application_id, answers, own_score=7))
    assert shown["answers"][SECOND.id] == {"score": 5, "text": "yes"}
    assert (shown["questions"][0]["answered"], shown["questions"][0]["score"]) == (2, 4.5)
    assert shown["own_score"] == 7
    assert rendered(put(ada, application_id, {}))["answers"] == {}


def test_the_same_assessment_again_keeps_its_version(
    ada: Services, application_id: ApplicationId
) -> None:
    first = put(ada, application_id, {FIRST.id: {"score": 2}})
    assert put(ada, application_id, {FIRST.id: {"score": 2}}).etag == first.etag
    body = AssessmentPut.model_validate({"answers": {}})
    with pytest.raises(PreconditionFailed):
        ada.write(expecting(NOTHING_YET, service.assess), application_id, body)


@pytest.mark.parametrize(
    "fields", [{"answers": {"no_item": {"score": 1}}}, {"questionnaire_version": "0000-00-00"}]
)
def test_what_is_not_in_the_questionnaire_is_rejected(
    ada: Services, application_id: ApplicationId, fields: Any
) -> None:
    body = AssessmentPut.model_construct(
        **AssessmentPut.model_validate({"answers": fields.get("answers", {})}).__dict__
        | {"questionnaire_version": fields.get("questionnaire_version")}
    )
    with pytest.raises(AnswerUnknown):
        ada.write(expecting(NOTHING_YET, service.assess), application_id, body)


def test_nobody_else_sees_it(ada: Services, application_id: ApplicationId) -> None:
    for role in (Role.CANDIDATE, Role.RECRUITER, Role.ADMIN):
        with pytest.raises(ApplicationNotFound):
            colleague(ada, role).read(service.show, application_id)
