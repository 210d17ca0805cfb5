"""The export of applications, and that the import reads it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from app.core.persistence.tenancy import Role
from app.core.unit_of_work.session import ReadSession
from app.integrations.portability import exporter
from app.integrations.portability.exporter import START, export_page, lines_of
from app.integrations.portability.importer import ImportCounts, import_batch, parsed_line
from app.integrations.portability.schemas import PastApplication
from app.kit.ids import ApplicationId
from app.reflection.debriefs import service as debriefs
from app.reflection.debriefs.schemas import SignalsPut
from app.tracking.applications import service as applications
from app.tracking.applications.schemas import OutcomePut
from app.tracking.interviews import service as interviews
from tests.support.callers import NOTHING_YET, Services, candidate, colleague, expecting
from tests.support.records import add_application, add_interview, conclude
from tests.support.service import Service

BOSS = {
    "name": "Priya Raman",
    "title": "Head of Platform",
    "email": "priya@fernhill.example",
    "phone": "+44 20 7946 0018",
    "profile_url": "https://people.example/priya",
}


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


def pages(ada: Services) -> list[list[Any]]:
    """Return the lines of each page, as they are exported one after the other."""
    found = []
    position: ApplicationId | None = START
    while position is not None:
        text, position = ada.read(export_page, position)
        found.append([json.loads(line) for line in text.splitlines()])
    return found


def exported(ada: Services) -> list[Any]:
    return [line for page in pages(ada) for line in page]


def import_(ada: Services, lines: list[Any]) -> ImportCounts:
    parsed = [
        parsed_line(number, PastApplication.model_validate_json(json.dumps(line)))
        for number, line in enumerate(lines, start=1)
    ]
    return ada.write(import_batch, parsed)


def record_outcome(ada: Services, application_id: ApplicationId, outcome: str) -> None:
    body = OutcomePut.model_validate({"outcome": outcome, "known_on": "2026-03-01"})
    ada.write(expecting(NOTHING_YET, applications.record_outcome), application_id, body)


def live(ada: Services) -> ApplicationId:
    """Enter an application with everything that an export contains; return its id."""
    recruiter = colleague(ada, Role.RECRUITER)
    application_id = add_application(
        ada,
        company={"name": "Fernhill", "website": "https://fernhill.example"},
        hiring_manager=BOSS,
        recruiter={"name": "Sam Ellery"},
        shared_with=recruiter.caller.member_id,
        source="referral",
        applied_on="2026-02-03",
        location="York",
        work_mode="remote",
        posting_url="https://jobs.example/17",
        salary={"minimum": 5, "maximum": 6, "currency": "GBP"},
        notes="é\u2028\U0001f600",
        interest="high",
    )
    panel = [BOSS | {"seniority": "manager", "has_final_say": False}, {"name": "Tomasz Wilk"}]
    details = {"planned_minutes": 45, "place": "Room 4", "notes": "Cold.", "panel": panel}
    interview_id = add_interview(ada, application_id, **details)
    conclude(ada, interview_id)
    sheet = {"signals": {"rambled": "clearly"}, "notes": {"rambled": "At length."}}
    ada.write(debriefs.record_signals, interview_id, SignalsPut.model_validate(sheet))
    tomorrow = ada.service.clock() + timedelta(days=1)
    add_interview(ada, application_id, round="final", starts_at=tomorrow)
    ada.write(interviews.cancel, add_interview(ada, application_id, starts_at=tomorrow))
    record_outcome(ada, application_id, "no_offer")
    return application_id


def test_a_line_has_every_field_of_the_import_and_is_valid(ada: Services) -> None:
    application_id = live(ada)
    (line,) = exported(ada)
    assert line.keys() == PastApplication.model_fields.keys()
    assert line["external_id"] == application_id
    assert (line["outcome"], line["known_on"], line["stage"]) == (
        "no_offer",
        "2026-03-01",
        "closed",
    )
    assert line["hiring_manager"] == BOSS
    assert line["recruiter"] == {"name": "Sam Ellery"}
    first, *_ = line["interviews"]
    assert first["panel"] == [
        BOSS | {"seniority": "manager", "has_final_say": False},
        {"name": "Tomasz Wilk"},
    ]
    assert first["signals"] == {"rambled": "clearly"}
    assert first["signal_notes"] == {"rambled": "At length."}
    states = [interview["state"] for interview in line["interviews"]]
    assert states == ["concluded", "scheduled", "cancelled"]
    PastApplication.model_validate_json(json.dumps(line))


def test_what_is_not_known_is_left_out(ada: Services) -> None:
    add_application(ada, applied_on="2026-02-03")
    (line,) = exported(ada)
    assert line == {
        "external_id": line["external_id"],
        "company": {"name": "Acme"},
        "job_title": "Engineer",
        "applied_on": "2026-02-03",
        "stage": "applied",
        "interviews": [],
    }


def test_an_export_is_imported_by_somebody_else_as_it_is(ada: Services) -> None:
    live(ada)
    add_application(ada, company={"name": "fernhill"})
    lines = exported(ada)
    ben = colleague(ada, Role.CANDIDATE)
    assert import_(ben, lines).imported == 2
    assert exported(ben) == lines
    assert import_(ben, exported(ben)).unchanged == 2
    assert import_(ada, lines).unchanged == 2
    assert exported(ada) == lines


def test_an_imported_application_keeps_its_external_id(ada: Services) -> None:
    past = {
        "external_id": "old-1",
        "company": {"name": "Fernhill"},
        "job_title": "Engineer",
        "applied_on": "2026-02-03",
    }
    import_(ada, [past])
    assert exported(ada) == [past | {"stage": "applied", "interviews": []}]


def test_only_the_caller_s_applications_are_exported(ada: Services) -> None:
    recruiter = colleague(ada, Role.RECRUITER)
    application_id = add_application(ada, shared_with=recruiter.caller.member_id)
    ben = colleague(ada, Role.CANDIDATE)
    assert exported(ben) == []
    assert ben.read(lines_of, [application_id]) == []


@pytest.mark.parametrize(("number", "sizes"), [(0, [0]), (3, [2, 1]), (4, [2, 2, 0])])
def test_pages_follow_one_another_until_all_is_exported(
    ada: Services, monkeypatch: pytest.MonkeyPatch, number: int, sizes: list[int]
) -> None:
    monkeypatch.setattr(exporter, "_BATCH_SIZE", 2)
    ids = [add_application(ada) for _ in range(number)]
    found = pages(ada)
    assert [len(page) for page in found] == sizes
    assert [line["external_id"] for page in found for line in page] == ids


def test_interviews_stay_with_their_own_application(ada: Services) -> None:
    first, second = add_application(ada), add_application(ada)
    for application_id, place in ((second, "b"), (first, "a"), (second, "c")):
        add_interview(ada, application_id, place=place, panel=[{"name": f"Person {place}"}])

    def summary(session: ReadSession) -> list[list[tuple[str, str]]]:
        return [
            [(each["place"], each["panel"][0]["name"]) for each in line["interviews"]]
            for line in lines_of(session, [first, second])
        ]

    assert sorted(ada.read(summary)) == [
        [("a", "Person a")],
        [("b", "Person b"), ("c", "Person c")],
    ]


def test_the_lines_of_no_applications_are_none(ada: Services) -> None:
    add_application(ada)
    assert ada.read(lines_of, []) == []
