"""A candidate lets the recruiter read some signals of an interview, and nothing else of it."""

from typing import Any

import pytest

from app.core.config.settings import Settings
from app.core.persistence.tenancy import Role
from tests.support.service import Person, Service
from tests.support.webhook_receiver import receiving

WANTED = {"company": {"name": "Tidemark"}, "job_title": "Engineer"}
HELD = {"round": "first", "format": "video", "starts_at": "2026-11-02T10:00:00Z"}
SHEET = {"conversational": "clearly", "felt_excited": "somewhat", "rambled": "clearly"}
CHOSEN = {"signals": ["felt_excited", "conversational"]}
SHOWN = [
    {"signal": "conversational", "level": "clearly"},
    {"signal": "felt_excited", "level": "somewhat"},
]


@pytest.fixture
def ada(service: Service) -> Person:
    return service.candidate()


@pytest.fixture
def sam(service: Service, ada: Person) -> Person:
    return service.person(Role.RECRUITER, ada.workspace_id)


def observed(person: Person, recruiter: Person) -> str:
    wanted = WANTED | {"shared_with": recruiter.member_id}
    application = person.does("POST", "/v1/applications", wanted)["id"]
    path = f"/v1/applications/{application}/interviews"
    interview = f"/v1/interviews/{person.does('POST', path, HELD)['id']}"
    observe(person, interview, SHEET)
    return interview


def observe(person: Person, interview: str, signals: dict[str, str]) -> None:
    sheet = {"signals": signals, "notes": {"rambled": "zqprivatezq"}}
    person.does("PUT", f"{interview}/signals", sheet)


def told(person: Person) -> list[Any]:
    found = person.does("GET", "/v1/events?limit=100&type=debrief.released")["data"]
    return [each["data"] for each in found]


def test_A4_a_recruiter_reads_the_signals_released_and_no_others(ada: Person, sam: Person) -> None:
    interview = observed(ada, sam)
    path = f"{interview}/signals/release"
    assert sam.fails("GET", path)["code"] == "signal_release_not_found"
    ada.does("PUT", path, CHOSEN)
    seen = sam.does("GET", path)
    assert seen["signals"] == SHOWN
    assert seen.keys() == {"interview", "signals", "released_at", "updated_at"}
    assert seen == ada.does("GET", path)
    assert sam("GET", path).headers["etag"] == ada("GET", path).headers["etag"]
    assert sam.fails("GET", f"{interview}/signals")["code"] == "insufficient_scope"


def test_A4_what_is_read_is_what_stands_on_the_sheet_now(ada: Person, sam: Person) -> None:
    interview = observed(ada, sam)
    path = f"{interview}/signals/release"
    ada.does("PUT", path, CHOSEN)
    before = sam("GET", path).headers["etag"]
    # Of what is private, a recruiter does not even learn that it changed.
    observe(ada, interview, SHEET | {"rambled": "absent"})
    assert sam("GET", path).headers["etag"] == before
    observe(ada, interview, SHEET | {"felt_excited": "clearly"})
    assert sam.does("GET", path)["signals"][1]["level"] == "clearly"
    observe(ada, interview, {"rambled": "clearly", "felt_excited": "absent"})
    assert sam.does("GET", path)["signals"] == [{"signal": "felt_excited", "level": "absent"}]


def test_A4_a_release_is_withdrawn_and_ends_with_the_consent(ada: Person, sam: Person) -> None:
    interview = observed(ada, sam)
    path = f"{interview}/signals/release"
    ada.does("PUT", path, CHOSEN)
    assert sam.fails("DELETE", path)["code"] == "insufficient_scope"
    assert sam.fails("PUT", path, CHOSEN)["code"] == "insufficient_scope"
    application = ada.does("GET", interview)["application"]
    ada.does("PATCH", f"/v1/applications/{application}", {"shared_with": None})
    assert sam.fails("GET", path)["code"] == "interview_not_found"
    ada.does("PATCH", f"/v1/applications/{application}", {"shared_with": sam.member_id})
    assert sam.does("GET", path)["signals"] == SHOWN
    ada.does("DELETE", path)
    for person in (ada, sam):
        assert person.fails("GET", path)["code"] == "signal_release_not_found"


def test_A4_nobody_else_reads_a_release(service: Service, ada: Person, sam: Person) -> None:
    path = f"{observed(ada, sam)}/signals/release"
    ada.does("PUT", path, CHOSEN)
    others = [service.person(Role.RECRUITER, ada.workspace_id), service.candidate(ada.workspace_id)]
    for other in [*others, service.candidate()]:
        assert other.fails("GET", path)["code"] == "interview_not_found"
    admin = service.person(Role.ADMIN, ada.workspace_id)
    assert admin.fails("GET", path)["code"] == "insufficient_scope"


def test_A4_the_recruiter_is_told_that_something_was_released_and_not_what(
    service: Service, settings: Settings, ada: Person, sam: Person
) -> None:
    interview = observed(ada, sam)
    with receiving() as receiver:
        hook = {"url": receiver.url, "payload_format": "full", "event_types": ["debrief.released"]}
        sam.does("POST", "/v1/webhook-endpoints", hook)
        ada.does("PUT", f"{interview}/signals/release", CHOSEN)
        service.do_jobs(settings)
        (came,) = receiver.received
    for private in (b"zqprivatezq", b"conversational", b"excited", b"rambled", b"clearly"):
        assert private not in came.body
    (said,) = told(sam)
    assert said.keys() == {"candidate", "application", "interview"}
    assert interview.endswith(said["interview"])
    assert told(ada) == [said]


def test_only_what_is_recorded_can_be_released(ada: Person, sam: Person) -> None:
    path = f"{observed(ada, sam)}/signals/release"
    problem = ada.fails("PUT", path, {"signals": ["rambled", "ran_longer"]})
    assert problem["code"] == "signal_not_recorded"
    assert [each["pointer"] for each in problem["errors"]] == ["#/signals/1"]
    refused: tuple[dict[str, Any], ...] = ({"signals": []}, {"signals": ["nonsense"]}, {})
    for body in refused:
        assert ada.fails("PUT", path, body)["status"] == 422
    assert ada.fails("DELETE", path)["code"] == "signal_release_not_found"


def test_the_same_release_again_changes_nothing_and_another_names_its_version(
    ada: Person, sam: Person
) -> None:
    path = f"{observed(ada, sam)}/signals/release"
    first = ada("PUT", path, json=CHOSEN)
    again = ada("PUT", path, json={"signals": ["conversational", *CHOSEN["signals"]]})
    assert (again.json(), again.headers["etag"]) == (first.json(), first.headers["etag"])
    other = {"signals": ["rambled"]}
    assert ada.fails("PUT", path, other)["code"] == "precondition_failed"
    unsaid = {"X-Nothing": "-"}
    assert ada.fails("PUT", path, other, headers=unsaid)["code"] == "precondition_required"
    match = {"If-Match": first.headers["etag"]}
    assert ada.does("PUT", path, other, headers=match)["signals"][0]["signal"] == "rambled"
    assert ada.fails("DELETE", path, headers=match)["code"] == "precondition_failed"
    assert len(told(sam)) == 2
