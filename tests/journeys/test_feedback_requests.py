"""The candidate asks for feedback and for a day, and what is late shows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.persistence.tenancy import Role
from tests.support.service import Person, Service

WANTED = {"company": {"name": "Tidemark"}, "job_title": "Engineer"}
HELD = {"round": "first", "format": "video", "starts_at": "2026-11-02T10:00:00Z"}
HEARD = {"direction": "recruiter_to_candidate", "audience": "recruiter", "text": "They liked it."}
FIRST = {"If-None-Match": "*"}
ANY = {"If-Match": "*"}


@pytest.fixture
def ada(service: Service) -> Person:
    return service.candidate()


@pytest.fixture
def sam(service: Service, ada: Person) -> Person:
    """The recruiter to whom the application is open."""
    return service.person(Role.RECRUITER, ada.workspace_id)


@pytest.fixture
def interview(ada: Person, sam: Person) -> str:
    wanted = WANTED | {"shared_with": sam.member_id}
    application = ada.does("POST", "/v1/applications", wanted)["id"]
    made = ada.does("POST", f"/v1/applications/{application}/interviews", HELD)["id"]
    return f"/v1/interviews/{made}"


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def asked(person: Person, interview: str, **wanted: Any) -> Any:
    headers = wanted.pop("headers", FIRST)
    return person.does("PUT", f"{interview}/feedback-request", wanted, headers=headers)


def shown(person: Person, interview: str) -> Any:
    return person.does("GET", f"{interview}/feedback-request")


def enter(person: Person, interview: str, **feedback: Any) -> Any:
    return person.does("POST", f"{interview}/feedback", HEARD | feedback)


def told(person: Person) -> list[Any]:
    return [
        each["data"]["answer_expected_on"]
        for each in person.does("GET", "/v1/events?type=feedback.requested")["data"]
    ]


def test_R6_the_recruiter_reads_what_is_asked_for_and_by_when(
    ada: Person, sam: Person, interview: str
) -> None:
    day = in_days(5)
    request = asked(ada, interview, answer_expected_on=day, note="Above all on the design part.")
    assert request["answer_expected_on"] == day
    assert (request["answered_at"], request["is_overdue"]) == (None, False)
    assert shown(sam, interview) == request == shown(ada, interview)


def test_R6_the_first_feedback_to_the_candidate_is_the_answer(
    ada: Person, sam: Person, interview: str
) -> None:
    enter(sam, interview)  # before anything was asked: no answer to it
    asked(ada, interview, answer_expected_on=in_days(5))
    enter(sam, interview, direction="interviewer_to_recruiter")
    enter(ada, interview, direction="candidate_to_recruiter")
    assert shown(ada, interview)["answered_at"] is None
    answer = enter(sam, interview)
    assert shown(ada, interview)["answered_at"] == answer["created_at"]
    enter(sam, interview)
    assert shown(sam, interview)["answered_at"] == answer["created_at"]


def test_R6_a_late_answer_shows_as_overdue_until_it_comes(
    service: Service, ada: Person, sam: Person, interview: str
) -> None:
    asked(ada, interview, answer_expected_on=in_days(2))
    path = f"{interview}/feedback-request"
    tag = ada("GET", path).headers["etag"]
    with service.clock.later(timedelta(days=2)):
        assert not shown(ada, interview)["is_overdue"]  # the day is not over yet
    with service.clock.later(timedelta(days=3)):
        late = ada("GET", path, headers={"If-None-Match": tag})
        assert (late.status_code, late.json()["is_overdue"]) == (200, True)
        enter(sam, interview)
        assert not shown(ada, interview)["is_overdue"]


def test_R6_without_a_day_nothing_is_ever_overdue(
    service: Service, ada: Person, interview: str
) -> None:
    asked(ada, interview)
    with service.clock.later(timedelta(days=300)):
        assert not shown(ada, interview)["is_overdue"]


def test_R6_A4_a_private_answer_is_one_for_the_candidate_alone(
    ada: Person, sam: Person, interview: str
) -> None:
    asked(ada, interview, answer_expected_on=in_days(-1))
    private = enter(ada, interview, direction="interviewer_to_candidate", audience="private")
    assert shown(ada, interview)["answered_at"] == private["created_at"]
    assert not shown(ada, interview)["is_overdue"]
    open_still = shown(sam, interview)
    assert (open_still["answered_at"], open_still["is_overdue"]) == (None, True)
    ada.does("PATCH", f"/v1/feedback/{private['id']}", {"audience": "recruiter"})
    assert shown(sam, interview)["answered_at"] is not None
    assert shown(ada, interview)["answered_at"] == private["created_at"]


def test_R6_the_recruiter_is_told_of_the_first_asking_and_of_every_other_day(
    ada: Person, sam: Person, interview: str
) -> None:
    days = [in_days(3), in_days(6)]
    asked(ada, interview, answer_expected_on=days[0])
    asked(ada, interview, answer_expected_on=days[0], note="On the design.", headers=ANY)
    asked(ada, interview, answer_expected_on=days[1], note="On the design.", headers=ANY)
    asked(ada, interview, note="On the design.", headers=ANY)
    assert told(sam) == [*days, None]
    assert told(ada) == [*days, None]


def test_R6_what_was_asked_is_changed_only_by_who_has_seen_it(ada: Person, interview: str) -> None:
    path = f"{interview}/feedback-request"
    body = {"answer_expected_on": in_days(3)}
    assert ada.fails("PUT", path, body, headers={"X-None": "-"})["code"] == "precondition_required"
    assert ada.fails("PUT", path, body, headers=ANY)["code"] == "precondition_failed"
    first = asked(ada, interview, **body)
    assert asked(ada, interview, **body) == first  # the same again changes nothing
    tag = ada("GET", path).headers["etag"]
    assert ada("GET", path, headers={"If-None-Match": tag}).status_code == 304
    other = {"answer_expected_on": in_days(4)}
    refused = ada("PUT", path, json=other, headers=FIRST)
    assert (refused.status_code, refused.headers["etag"]) == (412, tag)
    assert asked(ada, interview, **other, headers={"If-Match": tag}) != first
    assert ada.fails("DELETE", path, headers={"If-Match": tag})["code"] == "precondition_failed"


def test_R6_a_request_withdrawn_is_gone_and_can_be_made_again(
    ada: Person, sam: Person, interview: str
) -> None:
    path = f"{interview}/feedback-request"
    assert ada.fails("DELETE", path)["code"] == "feedback_request_not_found"
    asked(ada, interview)
    ada.does("DELETE", path)
    for person in (ada, sam):
        assert person.fails("GET", path)["code"] == "feedback_request_not_found"
    asked(ada, interview)


def test_R6_nobody_asks_for_the_candidate_and_no_stranger_reads(
    service: Service, ada: Person, sam: Person, interview: str
) -> None:
    asked(ada, interview, note="For Sam.")
    path = f"{interview}/feedback-request"
    assert sam.fails("PUT", path, {}, headers=ANY)["code"] == "feedback_request_not_yours"
    assert sam.fails("DELETE", path)["code"] == "feedback_request_not_yours"
    for role in (Role.RECRUITER, Role.CANDIDATE):
        other = service.person(role, ada.workspace_id)
        assert other.fails("GET", path)["code"] == "interview_not_found"
    assert shown(ada, interview)["note"] == "For Sam."
