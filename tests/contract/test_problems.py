"""Every refusal is a problem with a code and a sentence, and changes nothing."""

import json
from typing import Any

import pytest

from app.core.persistence.tenancy import Role
from tests.support.service import Person, Service

APPLICATION = {"company": {"name": "Northwind Labs"}, "job_title": "Engineer"}
PAY = {"minimum": 1, "currency": "EUR"}
MISMATCH = "string_pattern_mismatch"
HELD = {"round": "first", "format": "video", "starts_at": "2026-11-02T10:00:00Z"}
AHEAD = HELD | {"starts_at": "2099-01-01T10:00:00Z"}


@pytest.fixture
def person(service: Service) -> Person:
    return service.candidate()


@pytest.fixture
def application(person: Person) -> str:
    return str(person.does("POST", "/v1/applications", APPLICATION)["id"])


def interview(person: Person, application: str, body: dict[str, Any]) -> str:
    path = f"/v1/applications/{application}/interviews"
    return str(person.does("POST", path, body)["id"])


def test_an_unknown_signal_is_named_and_nothing_is_kept(person: Person, application: str) -> None:
    path = f"/v1/interviews/{interview(person, application, HELD)}/signals"
    signals = {"conversational": "clearly", "brought_cake": "clearly"}
    problem = person.fails("PUT", path, {"signals": signals})
    assert (problem["code"], problem["status"]) == ("invalid_input", 422)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [
        ("#/signals/brought_cake", "unknown_signal")
    ]
    assert set(person.does("GET", path)["signals"].values()) == {None}


def test_an_unknown_level_says_which_there_are(person: Person, application: str) -> None:
    path = f"/v1/interviews/{interview(person, application, HELD)}/signals"
    problem = person.fails("PUT", path, {"signals": {"rambled": "a lot"}})
    assert problem["errors"][0]["pointer"] == "#/signals/rambled"
    assert "'clearly'" in problem["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (APPLICATION | {"colour": "red"}, "#/colour", "unknown_field"),
        (APPLICATION | {"company": {"name": "N", "x/y~": 1}}, "#/company/x~1y~0", "unknown_field"),
        ({"job_title": "E"}, "#/company", "missing"),
        (APPLICATION | {"job_title": " "}, "#/job_title", "string_too_short"),
        (APPLICATION | {"job_title": "a\x00b"}, "#/job_title", "value_error"),
        (APPLICATION | {"applied_on": 20260101}, "#/applied_on", "value_error"),
        (APPLICATION | {"applied_on": "0001-01-01"}, "#/applied_on", "value_error"),
        (APPLICATION | {"salary": PAY | {"minimum": True}}, "#/salary/minimum", "int_type"),
        (APPLICATION | {"salary": PAY | {"currency": "eur"}}, "#/salary/currency", MISMATCH),
        (APPLICATION | {"shared_with": "nobody"}, "#/shared_with", MISMATCH),
    ],
)  # fmt: skip
def test_a_mistake_in_the_body_is_pointed_at(
    person: Person, body: dict[str, Any], pointer: str, code: str
) -> None:
    problem = person.fails("POST", "/v1/applications", body)
    assert problem["status"] == 422
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in problem["errors"]]
    assert person.does("GET", "/v1/applications")["data"] == []


def test_a_fraction_of_a_second_has_nine_digits_at_most(person: Person, application: str) -> None:
    path = f"/v1/applications/{application}/interviews"
    finest, finer = (f"2026-11-02T10:00:00.{digits}Z" for digits in ("123456789", "1234567890"))
    person.does("POST", path, HELD | {"starts_at": finest})
    problem = person.fails("POST", path, HELD | {"starts_at": finer})
    assert problem["errors"][0]["pointer"] == "#/starts_at"


def test_what_is_too_long_is_not_handed_back_whole(person: Person) -> None:
    pointed = person.fails("POST", "/v1/applications", APPLICATION | {5_000 * "x": 1})
    assert pointed["errors"][0]["pointer"] == "#/" + 998 * "x"
    lost = person.fails("GET", "/" + 5_000 * "x")
    assert lost["instance"] == "/" + 499 * "x"


def test_the_instance_is_a_reference_whatever_the_path_was(person: Person) -> None:
    assert person.fails("GET", "/a%0Ab%3Fc%E2%82%AC")["instance"] == "/a%0Ab%3Fc%E2%82%AC"


def test_health_checks_take_no_parameters_either(service: Service) -> None:
    for path in ("/healthz", "/readyz"):
        answer = service.client.get(path, params={"deep": "true"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "query/deep"


def test_an_unknown_query_parameter_is_refused_by_name(person: Person) -> None:
    problem = person.fails("GET", "/v1/applications?statsu=active")
    assert problem["errors"][0]["pointer"] == "query/statsu"
    assert "status" in problem["errors"][0]["detail"]


def test_there_are_no_signals_before_the_interview(person: Person, application: str) -> None:
    path = f"/v1/interviews/{interview(person, application, AHEAD)}/signals"
    problem = person.fails("PUT", path, {"signals": {"rambled": "absent"}})
    assert (problem["code"], problem["status"]) == ("interview_not_taken_place", 409)


def test_a_second_different_outcome_is_refused_and_the_first_stays(
    person: Person, application: str
) -> None:
    path = f"/v1/applications/{application}/outcome"
    first = person.does("PUT", path, {"outcome": "offer", "known_on": "2026-11-20"})
    problem = person.fails("PUT", path, {"outcome": "no_offer", "known_on": "2026-11-20"})
    assert (problem["code"], problem["status"]) == ("outcome_already_recorded", 409)
    assert "If-Match" in problem["detail"]
    assert person.does("GET", path) == first


def test_the_same_outcome_again_changes_nothing(person: Person, application: str) -> None:
    path = f"/v1/applications/{application}/outcome"
    body = {"outcome": "offer", "known_on": "2026-11-20"}
    assert person.does("PUT", path, body) == person.does("PUT", path, body)


def test_an_outcome_is_corrected_with_its_tag(person: Person, application: str) -> None:
    path = f"/v1/applications/{application}/outcome"
    person.does("PUT", path, {"outcome": "offer"})
    tag = person("GET", path).headers["etag"]
    stale = {"If-Match": '"999"'}
    wanted = {"outcome": "no_offer"}
    assert person.fails("PUT", path, wanted, headers=stale)["code"] == "precondition_failed"
    corrected = person.does("PUT", path, wanted, headers={"If-Match": tag})
    assert corrected["outcome"] == "no_offer"


def test_a_tampered_cursor_is_refused(person: Person) -> None:
    for _ in range(3):
        person.does("POST", "/v1/applications", APPLICATION)
    cursor = person.does("GET", "/v1/applications?limit=1")["next_cursor"]
    altered = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for path in (
        f"/v1/applications?limit=1&cursor={altered}",
        f"/v1/applications?limit=1&status=active&cursor={cursor}",
        f"/v1/applications?limit=1&sort=created_at&cursor={cursor}",
    ):
        problem = person.fails("GET", path)
        assert (problem["code"], problem["status"]) == ("cursor_invalid", 422)


def test_another_candidate_s_cursor_is_refused(service: Service, person: Person) -> None:
    for _ in range(2):
        person.does("POST", "/v1/applications", APPLICATION)
    cursor = person.does("GET", "/v1/applications?limit=1")["next_cursor"]
    colleague = service.candidate(person.workspace_id)
    problem = colleague.fails("GET", f"/v1/applications?limit=1&cursor={cursor}")
    assert problem["code"] == "cursor_invalid"


def test_a_body_of_50_mb_is_refused_before_it_is_read(person: Person) -> None:
    huge = b'{"notes": "' + b"a" * 50_000_000 + b'"}'
    answer = person(
        "POST", "/v1/applications", content=huge, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


def test_a_large_body_of_unknown_length_is_refused_too(person: Person) -> None:
    pieces = (b"a" * 100_000 for _ in range(50))
    answer = person(
        "POST", "/v1/applications", content=pieces, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"a": NaN', b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(person: Person, body: bytes) -> None:
    answer = person(
        "POST", "/v1/applications", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed_body"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32-le", "latin-1"])
def test_a_body_that_is_not_utf_8_is_not_guessed_at(person: Person, encoding: str) -> None:
    body = json.dumps({"company": {"name": "Café"}, "job_title": "Engineer"}, ensure_ascii=False)
    headers = {"Content-Type": "application/json"}
    answer = person("POST", "/v1/applications", content=body.encode(encoding), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_a_body_that_is_not_called_json_is_told_so(person: Person, kind: str) -> None:
    body = json.dumps({"company": {"name": "Acme"}, "job_title": "Engineer"})
    answer = person("POST", "/v1/applications", content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    (fault,) = answer.json()["errors"]
    assert fault["code"] == "not_json"
    assert "Content-Type: application/json" in fault["detail"]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "key_missing"),
        ("", "key_missing"),
        ("Basic abc", "key_missing"),
        ("Bearer nonsense", "key_invalid"),
        ("Bearer dbk_test_" + "0" * 43 + "_000000", "key_invalid"),
    ],
)
def test_a_wrong_key_opens_nothing(service: Service, header: str | None, code: str) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = service.client.get("/v1/applications", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == code
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_mistyped_key_opens_nothing(service: Service, person: Person) -> None:
    typo = person.key[:-1] + ("0" if person.key[-1] != "0" else "1")
    answer = service.client.get("/v1/applications", headers={"Authorization": f"Bearer {typo}"})
    assert answer.json()["code"] == "key_invalid"


def test_a_key_without_the_scope_is_told_which_it_needs(service: Service) -> None:
    recruiter = service.person(Role.RECRUITER)
    problem = recruiter.fails("POST", "/v1/applications", APPLICATION)
    assert (problem["code"], problem["status"]) == ("insufficient_scope", 403)
    assert problem["required_scopes"] == ["applications:write"]


def test_unknown_paths_and_methods_are_problems_too(service: Service) -> None:
    for method, path, status, code in (
        ("GET", "/v1/nothing", 404, "route_not_found"),
        ("DELETE", "/v1/applications", 405, "method_not_allowed"),
    ):
        answer = service.client.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_malformed_id_is_not_found(person: Person) -> None:
    assert person.fails("GET", "/v1/applications/42")["status"] == 404


def test_the_type_of_a_problem_leads_to_its_explanation(service: Service, person: Person) -> None:
    problem = person.fails("GET", "/v1/applications/42")
    explained = service.client.get(problem["type"]).json()
    assert explained["code"] == problem["code"]
    listed = service.client.get("/problems").json()["data"]
    assert explained in listed


def test_a_caller_s_own_request_id_is_kept_when_it_is_harmless(service: Service) -> None:
    kept = service.client.get("/healthz", headers={"X-Request-Id": "my-request_1"})
    assert kept.headers["x-request-id"] == "my-request_1"
    replaced = service.client.get("/healthz", headers={"X-Request-Id": "a b\tc"})
    assert replaced.headers["x-request-id"].startswith("req_")


def test_no_problem_repeats_what_was_sent(person: Person) -> None:
    secret = "my-private-thought"
    problem = person.fails("POST", "/v1/applications", {"company": secret, "job_title": [secret]})
    assert secret not in json.dumps(problem)


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/applications", "GET, HEAD, POST"),
        ("/v1/applications/app_1", "DELETE, GET, HEAD, PATCH"),
        ("/v1/applications/app_1/outcome", "DELETE, GET, HEAD, PUT"),
        ("/healthz", "GET, HEAD"),
        ("/docs", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_there_is_told_all_that_are(
    person: Person, path: str, methods: str
) -> None:
    answer = person("TRACE", path)
    assert answer.json()["code"] == "method_not_allowed"
    assert answer.headers["allow"] == methods


@pytest.mark.parametrize("email", ["a\0@b.example", "a b@c.example", "nobody", "a@b@c"])
def test_an_address_that_cannot_be_one_is_refused(person: Person, email: str) -> None:
    body = APPLICATION | {"recruiter": {"name": "Sam", "email": email}}
    problem = person.fails("POST", "/v1/applications", body)
    assert problem["errors"][0]["pointer"] == "#/recruiter/email"


def test_a_query_parameter_given_twice_is_not_chosen_from(person: Person) -> None:
    problem = person.fails("GET", "/v1/applications?limit=1&limit=2")
    (fault,) = problem["errors"]
    assert (fault["pointer"], fault["code"]) == ("query/limit", "given_twice")


@pytest.mark.parametrize(
    "body",
    [
        b'{"job_title": "a", "job_title": "b", "company": {"name": "c"}}',
        b'{"job_title": "a", "company": {"name": "b", "name": "c"}}',
        b'{"job_title": "a", "job\\u005ftitle": "b", "company": {"name": "c"}}',
    ],
)
def test_a_name_that_comes_twice_is_not_chosen_from(person: Person, body: bytes) -> None:
    told = {"Content-Type": "application/json"}
    answer = person("POST", "/v1/applications", content=body, headers=told)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert [fault["code"] for fault in answer.json()["errors"]] == ["given_twice"]
    assert person.does("GET", "/v1/applications")["data"] == []


def test_where_no_body_is_taken_one_that_says_something_is_refused(person: Person) -> None:
    made = person.does("POST", "/v1/keys", {"name": "spare"})
    path = f"/v1/keys/{made['id']}/revocation"
    problem = person.fails("POST", path, {"unknown": 1})
    assert [fault["code"] for fault in problem["errors"]] == ["unknown_body"]
    assert person.does("GET", f"/v1/keys/{made['id']}")["revoked_at"] is None
    person.does("POST", path, {})


def test_a_span_of_money_goes_upwards(person: Person, application: str) -> None:
    salary = {"minimum": 5, "maximum": 4, "currency": "EUR"}
    wanted = APPLICATION | {"salary": salary}
    for method, path, body in (
        ("POST", "/v1/applications", wanted),
        ("PATCH", f"/v1/applications/{application}", {"salary": salary}),
    ):
        (fault,) = person.fails(method, path, body)["errors"]
        assert (fault["pointer"], fault["code"]) == ("#/salary/maximum", "reversed")


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_in_json_is_no_json(person: Person, name: str) -> None:
    body = f'{{"job_title": {name}}}'.encode()
    told = {"Content-Type": "application/json"}
    answer = person("POST", "/v1/applications", content=body, headers=told)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")


def test_faults_point_at_places_that_are_there(person: Person, application: str) -> None:
    told = {"Content-Type": "application/json"}
    broken = person("POST", "/v1/applications", content=b'{"job', headers=told).json()
    assert [fault["pointer"] for fault in broken["errors"]] == ["#"]
    email = {"name": "x", "email": "nowhere"}
    body = {"company": "Acme", "job_title": "x", "recruiter": email}
    problem = person.fails("POST", "/v1/applications", body)
    faults = {fault["pointer"]: fault["detail"] for fault in problem["errors"]}
    assert faults["#/company"] == "must be an object, `{…}`"
    assert "`pattern`" in faults["#/recruiter/email"]
    path = f"/v1/interviews/{interview(person, application, HELD)}/signals"
    problem = person.fails("PUT", path, {"signals": {}, "notes": {"bar": "x"}})
    assert [fault["pointer"] for fault in problem["errors"]] == ["#/notes/bar"]


def test_a_recruiter_is_told_what_of_feedback_is_not_theirs(
    service: Service, person: Person
) -> None:
    recruiter = service.person(Role.RECRUITER, person.workspace_id)
    opened = APPLICATION | {"shared_with": recruiter.member_id}
    application = person.does("POST", "/v1/applications", opened)["id"]
    path = f"/v1/interviews/{interview(person, application, HELD)}/feedback"
    body = {"direction": "interviewer_to_candidate", "audience": "private", "text": "x"}
    problem = recruiter.fails("POST", path, body)
    assert problem["code"] == "direction_not_yours"
    assert [fault["pointer"] for fault in problem["errors"]] == ["#/direction", "#/audience"]


@pytest.mark.parametrize("instant", ["2199-12-31T23:59:59-12:00", "1970-01-01T00:00:00+14:00"])
def test_an_instant_is_within_its_years_everywhere(
    person: Person, application: str, instant: str
) -> None:
    for path, body, pointer in (
        ("/v1/keys", {"name": "x", "expires_at": instant}, "#/expires_at"),
        (
            f"/v1/applications/{application}/interviews",
            HELD | {"starts_at": instant},
            "#/starts_at",
        ),
    ):
        problem = person.fails("POST", path, body)
        assert [fault["pointer"] for fault in problem["errors"]] == [pointer]


def test_no_more_mistakes_are_told_than_anybody_reads(person: Person) -> None:
    body = APPLICATION | {f"x{number}": 1 for number in range(1_000)}
    assert len(person.fails("POST", "/v1/applications", body)["errors"]) == 100


@pytest.mark.parametrize("body", [b"", b"{}", b" { \n}", b"null", b"\xef\xbb\xbf{}"])
def test_nothing_may_be_said_where_no_body_is_taken(person: Person, body: bytes) -> None:
    key = person.does("POST", "/v1/keys", {"name": "spare"})["id"]
    assert person("POST", f"/v1/keys/{key}/revocation", content=body).status_code == 200
