"""`ETag`, `If-Match`, `If-None-Match`: no lost update, and cheap re-reads."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.core.http.precondition_headers import MAX_HEADER_LENGTH
from app.core.persistence.tenancy import Role
from tests.support.openapi import DOCUMENT
from tests.support.service import Person, Service

WANTED = {"company": {"name": "Tidemark"}, "job_title": "Engineer"}
HELD = {
    "round": "first",
    "format": "panel",
    "starts_at": "2026-11-02T10:00:00Z",
    "planned_minutes": 45,
    "panel": [{"name": "Ines Duarte", "email": "ines@tidemark.example", "title": "Lead"}],
}
WRITERS = 64


@pytest.fixture
def ada(service: Service) -> Person:
    return service.candidate()


@pytest.fixture
def application(ada: Person) -> str:
    return f"/v1/applications/{ada.does('POST', '/v1/applications', WANTED)['id']}"


@pytest.fixture
def interview(ada: Person, application: str) -> str:
    return f"/v1/interviews/{ada.does('POST', f'{application}/interviews', HELD)['id']}"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        (method.upper(), path, {})
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
        if method in {"put", "patch", "delete"}
    ],
)
def test_a_change_without_a_version_is_asked_for_one(
    service: Service, ada: Person, method: str, path: str, body: dict[str, Any]
) -> None:
    # What is for administrators alone they are asked, too.
    caller = service.person(Role.ADMIN) if path == "/v1/model/sharing" else ada
    answer = caller(method, path, json=body, headers={"X-Nothing": "-"})
    assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")


@pytest.mark.parametrize("name", ["If-Match", "If-None-Match"])
def test_more_tags_than_fit_are_refused(ada: Person, application: str, name: str) -> None:
    longest = '"' + MAX_HEADER_LENGTH * "x" + '"'
    fitting, more = (ada("GET", application, headers={name: tag}) for tag in (longest[2:], longest))
    assert fitting.status_code == 200
    assert more.status_code == 422
    assert more.json()["errors"][0]["pointer"] == f"header/{name}"


def test_a_stale_version_changes_nothing_and_tells_the_current_one(
    ada: Person, application: str
) -> None:
    before = ada("GET", application)
    ada.does("PATCH", application, {"location": "Leeds"})
    current = ada("GET", application).headers["etag"]
    stale = {"If-Match": before.headers["etag"]}
    for method, body in (("PATCH", {"location": "York"}), ("DELETE", None)):
        answer = ada(method, application, json=body, headers=stale)
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
        assert answer.headers["etag"] == current
    assert ada.does("GET", application)["location"] == "Leeds"


@pytest.mark.parametrize("tag", ['W/"{}"', '"another"', 'W/"x", "y"'])
def test_only_the_very_tag_lets_a_change_through(ada: Person, application: str, tag: str) -> None:
    current = ada("GET", application).headers["etag"].strip('"')
    told = {"If-Match": tag.format(current)}
    problem = ada.fails("PATCH", application, {"location": "York"}, headers=told)
    assert problem["status"] == 412


def test_one_tag_of_several_is_enough(ada: Person, application: str) -> None:
    current = ada("GET", application).headers["etag"]
    ada.does("PATCH", application, {"location": "York"}, headers={"If-Match": f'"old", {current}'})


def test_a_tag_without_its_quotes_is_none(ada: Person, application: str) -> None:
    problem = ada.fails("PATCH", application, {}, headers={"If-Match": "1.1.0.0"})
    assert problem["code"] == "precondition_failed"
    assert "quotes" in problem["detail"]


def test_an_outcome_is_recorded_where_there_is_none(ada: Person, application: str) -> None:
    path = f"{application}/outcome"
    replacing = ada.fails("PUT", path, {"outcome": "offer"}, headers={"If-Match": "*"})
    assert replacing["code"] == "precondition_failed"
    ada.does("PUT", path, {"outcome": "offer"}, headers={"If-None-Match": "*"})


def test_a_sheet_that_is_there_is_not_made_again(ada: Person, interview: str) -> None:
    told = {"If-None-Match": "*"}
    problem = ada.fails("PUT", f"{interview}/signals", {"signals": {}}, headers=told)
    assert problem["code"] == "precondition_failed"


def test_an_interviews_tag_speaks_for_the_people_on_its_panel(
    ada: Person, application: str, interview: str
) -> None:
    before = ada("GET", interview).headers["etag"]
    promoted = HELD["panel"][0] | {"title": "Director"}  # type: ignore[index]
    ada.does("PATCH", application, {"hiring_manager": promoted})
    after = ada("GET", interview)
    assert after.json()["panel"][0]["title"] == "Director"
    assert after.headers["etag"] != before


def test_what_the_caller_holds_is_not_sent_again(
    ada: Person, application: str, interview: str
) -> None:
    paths = [
        application,
        interview,
        "/v1/applications",
        f"{application}/interviews",
        f"{application}/estimate",
        f"{application}/assessment",
        f"{interview}/signals",
        "/v1/guide/signals",
        "/v1/model",
    ]
    for path in paths:
        tag = ada("GET", path).headers["etag"]
        for told in (tag, f"W/{tag}", f'"old", {tag}', "*"):
            answer = ada("GET", path, headers={"If-None-Match": told})
            assert (answer.status_code, answer.content) == (304, b""), path
            assert answer.headers["etag"] == tag
        assert ada("GET", path, headers={"If-None-Match": '"old"'}).status_code == 200


def test_a_list_that_changed_is_sent_again(ada: Person, application: str) -> None:
    tag = ada("GET", "/v1/applications").headers["etag"]
    ada.does("PATCH", application, {"location": "Leeds"})
    assert ada("GET", "/v1/applications", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.slow
def test_64_writers_of_one_row_lose_no_update(ada: Person, application: str) -> None:
    def append(number: int) -> None:
        while True:
            read = ada("GET", application)
            notes = f"{read.json()['notes'] or ''} {number}".strip()
            told = {"If-Match": read.headers["etag"]}
            if ada("PATCH", application, json={"notes": notes}, headers=told).is_success:
                return

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(append, range(WRITERS)))
    notes = ada.does("GET", application)["notes"]
    assert sorted(int(number) for number in notes.split()) == list(range(WRITERS))


def test_a_change_of_nothing_is_no_new_version(
    ada: Person, application: str, interview: str
) -> None:
    changes: list[tuple[str, list[dict[str, Any]]]] = [
        (application, [{}, {"job_title": "Engineer"}, {"company": {"name": "Tidemark"}}]),
        (interview, [{}, {"planned_minutes": 45}, {"starts_at": "2026-11-02T11:00:00+01:00"}]),
    ]
    for path, bodies in changes:
        before = ada("GET", path)
        for body in bodies:
            answer = ada("PATCH", path, json=body)
            assert answer.status_code == 200
            assert answer.headers["etag"] == before.headers["etag"]
            assert answer.json() == before.json()


def test_a_new_panel_is_a_new_version(ada: Person, interview: str) -> None:
    before = ada("GET", interview).headers["etag"]
    after = ada("PATCH", interview, json={"panel": []})
    assert after.headers["etag"].partition(".")[0] != before.partition(".")[0]


def test_what_is_not_there_yet_says_how_it_is_made(ada: Person, application: str) -> None:
    told = {"If-Match": "*"}
    problem = ada.fails("PUT", f"{application}/outcome", {"outcome": "offer"}, headers=told)
    assert (problem["code"], problem["current"]) == ("precondition_failed", None)
    assert "`If-None-Match: *`" in problem["detail"]


def test_what_is_written_again_as_it_is_changes_nothing(
    ada: Person, application: str, interview: str
) -> None:
    answers = {"answers": {"stretch": {"score": 4}}, "own_score": 4}
    sheet = {"signals": {"conversational": "clearly"}}
    for path, body in ((f"{application}/assessment", answers), (f"{interview}/signals", sheet)):
        ada.does("PUT", path, body)
        before, told = ada("GET", path), ada.does("GET", "/v1/events?limit=100")
        again = ada("PUT", path, json=body)
        assert again.status_code == 200
        assert again.headers["etag"] == before.headers["etag"]
        assert again.json() == before.json()
        assert ada.does("GET", "/v1/events?limit=100") == told


def test_an_application_is_newer_when_somebody_it_names_is_known_better(
    ada: Person, application: str
) -> None:
    before = ada.does("GET", application)
    company = {"name": "Tidemark", "website": "https://tidemark.example"}
    after = ada.does("PATCH", application, {"company": company})
    assert after["company"]["website"] == company["website"]
    assert after["updated_at"] > before["updated_at"]
