"""Past applications in and out as lines: taken in whole, or refused by number."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import Connection, select

from app.core.messaging.outbox import EventRow
from app.core.persistence.base import TenantModel
from app.core.persistence.tenancy import Role
from app.integrations.portability.schemas import PastApplication, PastInterview
from app.tracking.applications.models import ApplicationRow, StageChangeRow
from app.tracking.interviews.schemas import PanelMemberInput
from tests.support.service import Person, Service

LINES = {"Content-Type": "application/jsonl"}
PAST: dict[str, Any] = {
    "external_id": "old-1",
    "company": {"name": "Fernhill Software", "website": "https://fernhill.example"},
    "job_title": "Backend Engineer",
    "hiring_manager": {"name": "Priya Raman", "title": "Head of Platform"},
    "recruiter": {"name": "Sam Ellery", "email": "sam@talent.example"},
    "applied_on": "2026-02-03",
    "salary": {"minimum": 5_000_000, "currency": "GBP"},
    "notes": "Found it by chance.",
    "interviews": [
        {
            "round": "first",
            "format": "video",
            "starts_at": "2026-02-10T10:00:00Z",
            "ended_at": "2026-02-10T11:05:00Z",
            "planned_minutes": 45,
            "panel": [{"name": "Priya Raman", "seniority": "manager", "has_final_say": True}],
            "signals": {"conversational": "clearly", "good_feedback_to_recruiter": "mixed"},
            "signal_notes": {"conversational": "We lost track of time."},
        },
        {"round": "second", "signals": {"rambled": "absent"}},
    ],
    "outcome": "offer",
    "known_on": "2026-03-01",
}


@pytest.fixture
def ada(service: Service) -> Person:
    return service.candidate()


def past(number: int, **more: Any) -> dict[str, Any]:
    """Return a plain past application with an external id of its own."""
    wanted = {"company": {"name": f"Company {number % 7}"}, "job_title": "Engineer"}
    return wanted | {"external_id": f"old-{number}", "applied_on": "2026-02-03"} | more


def send(person: Person, lines: Iterable[Any] | bytes) -> list[Any]:
    """Send a history that must be answered, and return the lines of the answer."""
    answer = post(person, lines)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/jsonl"
    return [json.loads(line) for line in answer.text.splitlines()]


def post(person: Person, lines: Iterable[Any] | bytes) -> Response:
    body = lines if isinstance(lines, bytes) else "\n".join(map(json.dumps, lines)).encode()
    return person("POST", "/v1/history", content=body, headers=LINES)


def counts(report: list[Any]) -> tuple[int, int, int]:
    """Return what the last line counts: taken in, unchanged, refused."""
    assert report[-1]["kind"] == "done"
    return report[-1]["imported"], report[-1]["unchanged"], report[-1]["rejected"]


def refused(report: list[Any]) -> dict[int, list[tuple[str, str]]]:
    """Return what is wrong, by the number of the line."""
    return {
        line["line"]: [(fault["pointer"], fault["code"]) for fault in line["errors"]]
        for line in report
        if line["kind"] == "rejected"
    }


def exported(person: Person) -> str:
    answer = person("GET", "/v1/history")
    assert answer.headers["content-type"] == "application/jsonl"
    return answer.text


def rows(service: Service, person: Person, table: type[TenantModel]) -> list[Any]:
    statement = select(table.table()).where(table.workspace_id == person.workspace_id)

    def read(connection: Connection) -> list[Any]:
        service.runner.database.set_workspace(connection, person.workspace_id)
        return list(connection.execute(statement.order_by(table.id)))

    found: list[Any] = service.runner.database.readers.run_sync(read)
    return found


def test_a_past_application_is_taken_in_with_all_that_belongs_to_it(ada: Person) -> None:
    assert counts(send(ada, [PAST])) == (1, 0, 0)
    (application,) = ada.does("GET", "/v1/applications")["data"]
    assert (application["stage"], application["status"]) == ("offer", "offer")
    assert application["outcome_known_on"] == "2026-03-01"
    assert application["hiring_manager"]["title"] == "Head of Platform"
    path = f"/v1/applications/{application['id']}"
    first, second = ada.does("GET", f"{path}/interviews")["data"]
    assert (first["state"], first["actual_minutes"]) == ("concluded", 65)
    assert first["panel"][0]["has_final_say"] is True
    assert second["starts_at"] == first["starts_at"]
    sheet = ada.does("GET", f"/v1/interviews/{first['id']}/signals")
    assert sheet["signals"]["good_feedback_to_recruiter"] == "mixed"
    assert sheet["notes"] == {"conversational": "We lost track of time."}
    assert ada.does("GET", f"{path}/outcome")["outcome"] == "offer"
    contributions = ada.does("GET", f"{path}/estimate")["contributions"]
    assert {each["signal"] for each in contributions} == {
        "conversational",
        "good_feedback_to_recruiter",
        "rambled",
    }


def test_an_import_is_told_once_for_each_application_and_by_nothing_else(
    service: Service, ada: Person
) -> None:
    send(ada, [PAST, past(2)])
    told = rows(service, ada, EventRow)
    assert [row.name for row in told] == ["application.imported"] * 2
    assert [row.payload["outcome"] for row in told] == ["offer", None]
    assert {row.candidate_id for row in told} == {ada.member_id}


def test_no_estimate_is_claimed_to_have_been_made_then(ada: Person) -> None:
    send(ada, [PAST])
    (application,) = ada.does("GET", "/v1/applications")["data"]
    assert ada.does("GET", f"/v1/applications/{application['id']}/estimates")["data"] == []


def test_the_stages_are_dated_by_what_led_to_them(service: Service, ada: Person) -> None:
    send(ada, [PAST])
    told = [
        (row.stage_before, row.stage_after, row.changed_at.isoformat())
        for row in rows(service, ada, StageChangeRow)
    ]
    assert told == [
        ("applied", "first", "2026-02-10T10:00:00+00:00"),
        ("first", "second", "2026-02-10T10:00:00+00:00"),
        ("second", "offer", "2026-03-01T00:00:00+00:00"),
    ]


def test_the_same_file_again_changes_nothing(service: Service, ada: Person) -> None:
    lines = [PAST, *map(past, range(2, 40))]
    assert counts(send(ada, lines)) == (39, 0, 0)
    before = rows(service, ada, ApplicationRow)
    again = [dict(reversed(line.items())) | {"location": None} for line in lines]
    assert counts(send(ada, again)) == (0, 39, 0)
    assert rows(service, ada, ApplicationRow) == before


def test_a_different_line_under_a_known_id_is_refused_and_says_where_to_change_it(
    ada: Person,
) -> None:
    send(ada, [PAST])
    report = send(ada, [PAST | {"job_title": "Plumber"}, past(2)])
    assert refused(report) == {1: [("#/external_id", "line_changed")]}
    (application,) = ada.does("GET", "/v1/applications?status=offer")["data"]
    assert application["id"] in report[0]["errors"][0]["detail"]
    assert application["job_title"] == "Backend Engineer"
    assert counts(report) == (1, 0, 1)


def test_an_edit_outlives_the_line_it_came_in_and_may_come_again_itself(ada: Person) -> None:
    send(ada, [PAST])
    (application,) = ada.does("GET", "/v1/applications")["data"]
    ada.does("PATCH", f"/v1/applications/{application['id']}", {"location": "York"})
    assert counts(send(ada, [PAST])) == (0, 1, 0)
    assert counts(send(ada, exported(ada).encode())) == (0, 1, 0)
    assert ada.does("GET", f"/v1/applications/{application['id']}")["location"] == "York"


def test_two_lines_of_one_file_with_one_id_are_one_application(ada: Person) -> None:
    report = send(ada, [past(1), past(1), past(1, job_title="Plumber")])
    assert counts(report) == (1, 1, 1)
    assert refused(report) == {3: [("#/external_id", "line_changed")]}


def test_a_bad_line_is_refused_by_its_number_and_harms_no_other(ada: Person) -> None:
    bad: dict[int, Any] = {
        2: past(2, colour="red"),
        3: {"external_id": "x"},
        5: past(5, interviews=[{"round": "first", "signals": {"brought_cake": "clearly"}}]),
        6: past(6, interviews=[{"round": "first", "starts_at": "2099-01-01T10:00:00Z"}]),
        7: past(7, known_on="2026-03-01"),
        8: past(8, applied_on=20260203),
        9: past(9, shared_with="mem_01k9a00000debr1ef0mem00001"),
        10: [1, 2],
        11: None,
        12: "text",
    }
    lines = [bad.get(number, past(number)) for number in range(1, 14)]
    report = send(ada, lines)
    assert counts(report) == (3, 0, 10)
    wrong = refused(report)
    assert wrong.keys() == bad.keys()
    assert wrong[2] == [("#/colour", "unknown_field")]
    assert ("#/company", "missing") in wrong[3]
    assert wrong[5] == [("#/interviews/0/signals/brought_cake", "unknown_signal")]
    assert wrong[6] == [("#/interviews/0/starts_at", "not_held_yet")]
    assert wrong[9] == [("#/shared_with", "unknown_field")]
    assert len(ada.does("GET", "/v1/applications")["data"]) == 3


GOOD = json.dumps(past(99)).encode()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", {}),
        (b"\n\n \r\n", {}),
        (b"\xff\xfe\n", {1: "undecodable"}),
        (b'{"a": "\xc3\x28"}', {1: "undecodable"}),
        (b'{"a": "\\ud800"}', {1: "undecodable"}),
        (b"{", {1: "undecodable"}),
        (b'{"a": NaN}', {1: "missing"}),
        (b"[" * 60_000, {1: "undecodable"}),
        (b'{"a":' * 20_000, {1: "undecodable"}),
        (b"a" * 10_000_000, {1: "line_too_long"}),
        (b"a" * 10_000_000 + b"\n{\n", {1: "line_too_long", 2: "undecodable"}),
        (b"\x00\n", {1: "undecodable"}),
        (GOOD + b" " + GOOD, {1: "undecodable"}),
    ],
)
def test_whatever_is_sent_each_line_is_judged_by_itself(
    ada: Person, body: bytes, expected: dict[int, str]
) -> None:
    report = send(ada, body + b"\n" + GOOD)
    codes = {
        line["line"]: line["errors"][0]["code"] for line in report if line["kind"] == "rejected"
    }
    assert codes == expected
    assert counts(report)[0] == 1


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        GOOD + b"\n",
        GOOD + b"\r\n",
        b"\xef\xbb\xbf" + GOOD,
        b"\r\n\r\n" + GOOD,
        b"  " + GOOD + b"\t",
    ],
    ids=["no newline", "LF", "CRLF", "byte order mark", "empty lines", "spaces"],
)
def test_lines_end_as_they_do_anywhere(ada: Person, body: bytes) -> None:
    assert counts(send(ada, body)) == (1, 0, 0)


def test_a_body_in_pieces_of_any_size_is_the_same_body(ada: Person) -> None:
    whole = "\n".join(json.dumps(past(number)) for number in range(30)).encode()

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(whole), 17):
            yield whole[start : start + 17]

    answer = ada("POST", "/v1/history", content=pieces(), headers=LINES)
    assert counts([json.loads(line) for line in answer.text.splitlines()]) == (30, 0, 0)


@pytest.mark.slow
def test_progress_counts_what_is_committed(ada: Person) -> None:
    report = send(ada, [past(number) for number in range(6_000)])
    (progress,) = [line for line in report if line["kind"] == "progress"]
    assert progress["lines"] == progress["imported"] == 5_000
    assert counts(report) == (6_000, 0, 0)


def test_what_comes_out_goes_in_and_comes_out_again_the_same(service: Service, ada: Person) -> None:
    send(ada, [PAST, past(2), past(3, stage="screening")])
    wanted = {
        "company": {"name": "Tidemark"},
        "job_title": "Engineer",
        "notes": "é\u2028\U0001f600",
    }
    application = ada.does("POST", "/v1/applications", wanted)["id"]
    held = {"round": "final", "format": "panel", "starts_at": "2026-11-02T10:00:00.123456Z"}
    path = f"/v1/applications/{application}"
    interview = ada.does("POST", f"{path}/interviews", held)["id"]
    ada.does("PUT", f"/v1/interviews/{interview}/signals", {"signals": {"rambled": "clearly"}})
    ahead = ada.does("POST", f"{path}/interviews", held | {"starts_at": "2099-01-01T10:00:00Z"})
    ada.does("POST", f"/v1/interviews/{ahead['id']}/cancellation")
    ada.does("PUT", f"{path}/outcome", {"outcome": "withdrawn"})
    ada.does("DELETE", f"{path}/outcome")
    first = exported(ada)
    bob = service.candidate()
    assert counts(send(bob, first.encode())) == (4, 0, 0)
    assert exported(bob) == first
    assert counts(send(ada, first.encode())) == (0, 4, 0)
    assert exported(ada) == first


def test_nothing_that_a_line_can_say_is_lost(ada: Person) -> None:
    somebody = {
        "name": "Priya Raman",
        "title": "Head of Platform",
        "email": "priya@fernhill.example",
        "phone": "+44 20 7946 0018",
        "profile_url": "https://people.example/priya",
    }
    whole = PAST | {
        "hiring_manager": somebody,
        "source": "referral",
        "location": "York",
        "work_mode": "remote",
        "posting_url": "https://jobs.example/17",
        "interest": "high",
        "stage": "second",
        "interviews": [
            PAST["interviews"][0]
            | {
                "state": "concluded",
                "place": "Room 4",
                "notes": "A cold room.",
                "panel": [somebody | {"seniority": "manager", "has_final_say": False}],
            }
        ],
    }
    assert whole.keys() == PastApplication.model_fields.keys()
    (interview,) = whole["interviews"]
    assert interview.keys() == PastInterview.model_fields.keys()
    assert interview["panel"][0].keys() == PanelMemberInput.model_fields.keys()
    send(ada, [whole])
    assert json.loads(exported(ada)) == whole | {
        "salary": {"minimum": 5_000_000, "currency": "GBP", "period": "year"}
    }


def test_a_long_history_comes_out_whole_and_in_order(ada: Person) -> None:
    send(ada, [past(number) for number in range(450)])
    ids = [json.loads(line)["external_id"] for line in exported(ada).splitlines()]
    assert ids == [f"old-{number}" for number in range(450)]


def test_nobody_s_history_comes_out_empty(ada: Person) -> None:
    assert exported(ada) == ""


def test_an_external_id_is_the_candidate_s_own(service: Service, ada: Person) -> None:
    send(ada, [PAST])
    theirs = ada.does("GET", "/v1/applications")["data"][0]["id"]
    peer = service.candidate(ada.workspace_id)
    report = send(peer, [PAST, past(2, external_id=theirs)])
    assert counts(report) == (2, 0, 0)
    assert len(ada.does("GET", "/v1/applications")["data"]) == 1


def test_companies_and_people_are_recognised_again(ada: Person) -> None:
    known = {"company": {"name": "Fernhill  SOFTWARE"}, "job_title": "Engineer"}
    before = ada.does("POST", "/v1/applications", known)
    boss = {"name": "Priya Raman", "email": "priya@fernhill.example"}
    more = {"company": {"name": "fernhill software", "website": "https://fernhill.example"}}
    send(
        ada,
        [
            past(1, **more, hiring_manager=boss),
            past(2, company={"name": "Fernhill Software"}, recruiter=boss | {"title": "CTO"}),
        ],
    )
    first, second, third = ada.does("GET", "/v1/applications?sort=created_at")["data"]
    assert {each["company"]["id"] for each in (second, third)} == {before["company"]["id"]}
    assert first["company"]["website"] == "https://fernhill.example"
    assert second["hiring_manager"]["id"] == third["recruiter"]["id"]
    assert second["hiring_manager"]["title"] == "CTO"


def test_a_recruiter_has_no_history(service: Service) -> None:
    recruiter = service.person(Role.RECRUITER)
    assert recruiter.fails("GET", "/v1/history")["code"] == "insufficient_scope"
    assert post(recruiter, [PAST]).json()["code"] == "insufficient_scope"


@pytest.mark.parametrize("told", ["application/json", "text/plain", "", "application/jsonlines"])
def test_what_is_not_sent_as_lines_is_refused(ada: Person, told: str) -> None:
    answer = ada("POST", "/v1/history", content=GOOD, headers={"Content-Type": told})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_the_other_name_of_the_media_type_is_taken_too(ada: Person) -> None:
    told = {"Content-Type": "application/x-ndjson; charset=utf-8"}
    answer = ada("POST", "/v1/history", content=GOOD, headers=told)
    assert json.loads(answer.text)["imported"] == 1


def test_an_idempotency_key_is_not_needed_and_not_used(ada: Person) -> None:
    key = LINES | {"Idempotency-Key": "k"}
    for expected in ((1, 0), (0, 1)):
        answer = ada("POST", "/v1/history", content=GOOD, headers=key)
        done = json.loads(answer.text)
        assert (done["imported"], done["unchanged"]) == expected


@pytest.mark.slow
def test_an_answer_is_not_cut_off_by_a_caller_who_reads_late(ada: Person) -> None:
    # As many refusals as no buffer between the two would hold.
    report = send(ada, b"{\n" * 50_000 + GOOD)
    assert counts(report) == (1, 0, 50_000)
    assert [line["line"] for line in report if line["kind"] == "rejected"] == list(range(1, 50_001))


@pytest.mark.slow
def test_a_hundred_thousand_refusals_are_told_and_then_it_stops(ada: Person) -> None:
    report = send(ada, b"{\n" * 101_000 + GOOD)
    last = report[-1]
    assert (last["kind"], last["code"]) == ("stopped", "too_many_rejected")
    assert last["rejected"] == len(report) - 1 - sum(x["kind"] == "progress" for x in report)
    assert last["rejected"] >= 100_000
