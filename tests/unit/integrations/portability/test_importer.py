"""The import of past applications."""

import json
from datetime import timedelta
from typing import Any

import pytest

from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import Role
from app.integrations.portability.exporter import lines_of
from app.integrations.portability.importer import (
    ImportCounts,
    ParsedLine,
    import_batch,
    parsed_line,
)
from app.integrations.portability.schemas import PastApplication, RejectedLine
from app.kit.ids import ApplicationId
from app.reflection.debriefs.models import SignalSheetRow
from app.tracking.applications import service as applications
from app.tracking.applications.lifecycle import Stage, Status
from app.tracking.applications.models import ApplicationRow, StageChangeRow
from app.tracking.applications.schemas import ApplicationUpdate
from app.tracking.interviews.models import InterviewRow, PanelMemberRow
from app.tracking.people.models import CompanyRow, PersonRow
from tests.support.callers import Services, candidate, colleague
from tests.support.records import add_application
from tests.support.service import Service
from tests.support.tables import stored_rows

HELD = {"round": "first", "starts_at": "2026-02-10T10:00:00Z"}


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


def content(**fields: Any) -> dict[str, Any]:
    required = {"external_id": "old-1", "company": {"name": "Fernhill"}, "job_title": "Engineer"}
    return required | {"applied_on": "2026-02-03"} | fields


def line(number: int = 1, **fields: Any) -> ParsedLine:
    text = json.dumps(content(**fields), default=str)
    return parsed_line(number, PastApplication.model_validate_json(text))


def import_(ada: Services, *lines: ParsedLine) -> ImportCounts:
    return ada.write(import_batch, lines)


def counts(result: ImportCounts) -> tuple[int, int, int]:
    return result.imported, result.unchanged, len(result.rejected)


def errors(refused: RejectedLine) -> list[tuple[str, str]]:
    return [(error.pointer, error.code) for error in refused.errors]


def imported(ada: Services, **fields: Any) -> Any:
    """Import one new line and return the row of its application."""
    assert counts(import_(ada, line(**fields))) == (1, 0, 0)
    return stored_rows(ada, ApplicationRow)[-1]


def test_a_new_line_is_stored_with_all_that_belongs_to_it(ada: Services) -> None:
    panel = [{"name": "Priya Raman", "seniority": "manager", "has_final_say": True}]
    signals = {"conversational": "clearly", "good_feedback_to_recruiter": "somewhat"}
    notes = {"conversational": "We lost track of time."}
    interview = HELD | {"panel": panel, "signals": signals, "signal_notes": notes}
    row = imported(
        ada,
        hiring_manager={"name": "Ines Duarte"},
        recruiter={"name": "Sam Ellery", "email": "sam@talent.example"},
        interviews=[interview],
        outcome="offer",
        known_on="2026-03-01",
    )
    assert (row.external_id, row.status, row.stage) == ("old-1", Status.OFFER, Stage.OFFER)
    assert row.candidate_id == ada.caller.member_id
    (company,) = stored_rows(ada, CompanyRow)
    people = {person.name: person for person in stored_rows(ada, PersonRow)}
    assert row.company_id == company.id
    assert row.hiring_manager_id == people["Ines Duarte"].id
    assert row.recruiter_id == people["Sam Ellery"].id
    assert people["Ines Duarte"].company_id == company.id
    assert people["Sam Ellery"].company_id is None
    (member,) = stored_rows(ada, PanelMemberRow)
    assert (member.person_id, member.has_final_say) == (people["Priya Raman"].id, True)
    (sheet,) = stored_rows(ada, SignalSheetRow)
    assert sheet.interview_id == member.interview_id
    assert sheet.signals == {"conversational": "clearly", "good_feedback_to_recruiter": "mixed"}
    assert sheet.notes == notes


def test_each_new_line_publishes_one_event(ada: Services) -> None:
    import_(
        ada, line(1, interviews=[HELD], outcome="no_offer"), line(2, external_id="b", stage="first")
    )
    events = stored_rows(ada, EventRow)
    assert [event.name for event in events] == ["application.imported"] * 2
    assert [event.payload["outcome"] for event in events] == ["no_offer", None]


def test_the_same_line_again_changes_nothing_however_it_is_written(ada: Services) -> None:
    before = imported(ada, interviews=[HELD])
    explicit = HELD | {"format": "one_to_one", "state": "concluded", "signals": {}, "panel": []}
    again = dict(reversed(content(interviews=[explicit], location=None).items()))
    assert counts(import_(ada, line(interviews=[HELD]))) == (0, 1, 0)
    assert counts(import_(ada, line(**again))) == (0, 1, 0)
    assert stored_rows(ada, ApplicationRow) == [before]
    assert len(stored_rows(ada, EventRow)) == 1


@pytest.mark.parametrize(
    "change", [{"job_title": "Plumber"}, {"interviews": [HELD]}, {"stage": "screening"}]
)
def test_a_changed_line_is_rejected_and_names_where_to_change_it(
    ada: Services, change: dict[str, Any]
) -> None:
    before = imported(ada)
    result = import_(ada, line(7, **change))
    assert counts(result) == (0, 0, 1)
    (refused,) = result.rejected
    assert (refused.line, errors(refused)) == (7, [("#/external_id", "line_changed")])
    assert f"/v1/applications/{before.id}" in refused.errors[0].detail
    assert stored_rows(ada, ApplicationRow) == [before]


def test_of_two_lines_with_one_id_the_first_counts(ada: Services) -> None:
    result = import_(ada, line(1), line(2), line(3, job_title="Plumber"), line(4, external_id="b"))
    assert counts(result) == (2, 1, 1)
    (refused,) = result.rejected
    assert (refused.line, errors(refused)) == (3, [("#/external_id", "line_changed")])
    assert "an earlier line" in refused.errors[0].detail
    assert {row.job_title for row in stored_rows(ada, ApplicationRow)} == {"Engineer"}


def test_a_line_that_was_rejected_does_not_stand_for_a_later_one(ada: Services) -> None:
    impossible = line(1, outcome="offer", known_on="2199-01-01")
    result = import_(ada, impossible, line(2, job_title="Plumber"))
    assert counts(result) == (1, 0, 1)
    assert [row.job_title for row in stored_rows(ada, ApplicationRow)] == ["Plumber"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"outcome": "offer", "known_on": "2199-01-01"}, [("#/known_on", "in_the_future")]),
        (
            {"salary": {"minimum": 2, "maximum": 1, "currency": "GBP"}},
            [("#/salary/maximum", "reversed")],
        ),
        (
            {"interviews": [HELD, {"round": "second", "starts_at": "2199-01-01T10:00:00Z"}]},
            [("#/interviews/1/starts_at", "not_held_yet")],
        ),
        (
            {"interviews": [HELD | {"ended_at": "2026-02-11T10:00:01Z"}]},
            [("#/interviews/0/ended_at", "end_not_possible")],
        ),
    ],
)
def test_impossible_dates_are_rejected_and_nothing_of_the_line_is_stored(
    ada: Services, fields: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    result = import_(ada, line(1, **fields), line(2, external_id="b", company={"name": "Tidemark"}))
    assert counts(result) == (1, 0, 1)
    assert errors(result.rejected[0]) == expected
    assert [company.name for company in stored_rows(ada, CompanyRow)] == ["Tidemark"]


def test_the_clock_of_the_caller_may_be_a_little_ahead(ada: Services) -> None:
    with ada.service.clock.stopped():
        now = ada.service.clock()
        began = now - timedelta(hours=1)
        for skew, expected in ((5, (1, 0, 0)), (6, (0, 0, 1))):
            ahead = now + timedelta(minutes=skew)
            held = {"round": "first", "starts_at": ahead}
            assert counts(import_(ada, line(external_id=f"a{skew}", interviews=[held]))) == expected
            held = {"round": "first", "starts_at": began, "ended_at": ahead}
            assert counts(import_(ada, line(external_id=f"b{skew}", interviews=[held]))) == expected


def test_planned_and_cancelled_interviews_may_be_in_the_future(ada: Services) -> None:
    ahead = {"round": "first", "starts_at": "2199-01-01T10:00:00Z"}
    states = ("scheduled", "cancelled")
    imported(ada, interviews=[ahead | {"state": state} for state in states])
    assert [row.state for row in stored_rows(ada, InterviewRow)] == list(states)
    (change,) = stored_rows(ada, StageChangeRow)
    assert change.changed_at <= ada.service.clock()


def test_so_many_errors_of_one_line_are_reported_and_no_more(ada: Services) -> None:
    ahead = {"round": "first", "starts_at": "2199-01-01T10:00:00Z"}
    (refused,) = import_(ada, line(interviews=[ahead] * 12)).rejected
    assert [error.pointer for error in refused.errors] == [
        f"#/interviews/{index}/starts_at" for index in range(10)
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Stage.APPLIED),
        ({"interviews": [{"round": "second"}, {"round": "first"}]}, Stage.SECOND),
        ({"interviews": [{"round": "final", "state": "cancelled"}]}, Stage.APPLIED),
        ({"interviews": [{"round": "first"}], "outcome": "no_response"}, Stage.CLOSED),
        ({"outcome": "offer"}, Stage.OFFER),
        ({"interviews": [{"round": "second"}], "stage": "screening"}, Stage.SCREENING),
        ({"outcome": "no_offer", "stage": "final"}, Stage.FINAL),
        ({"interviews": [{"round": "first"}], "stage": "applied"}, Stage.APPLIED),
    ],
)
def test_a_stage_that_is_given_counts_and_otherwise_it_is_derived(
    ada: Services, fields: dict[str, Any], expected: Stage
) -> None:
    assert imported(ada, **fields).stage is expected
    changes = stored_rows(ada, StageChangeRow)
    stages = [Stage.APPLIED, *(change.stage_after for change in changes)]
    assert [change.stage_before for change in changes] == stages[:-1]
    assert stages[-1] is expected


def test_a_stage_that_is_left_out_is_not_the_one_that_applications_begin_with(
    ada: Services,
) -> None:
    assert imported(ada, interviews=[HELD]).stage is Stage.FIRST
    assert counts(import_(ada, line(interviews=[HELD], stage="applied"))) == (0, 0, 1)
    assert counts(import_(ada, line(interviews=[HELD], stage="first"))) == (0, 1, 0)


def test_a_stage_is_dated_by_the_interview_or_the_outcome_that_led_to_it(ada: Services) -> None:
    later = HELD | {"starts_at": "2026-02-20T10:00:00Z", "round": "second"}
    imported(ada, interviews=[later, HELD], outcome="no_offer", known_on="2026-03-01")
    assert [
        (change.stage_after, change.changed_at.isoformat())
        for change in stored_rows(ada, StageChangeRow)
    ] == [
        ("first", "2026-02-10T10:00:00+00:00"),
        ("second", "2026-02-20T10:00:00+00:00"),
        ("closed", "2026-03-01T00:00:00+00:00"),
    ]


def test_an_interview_without_a_start_is_as_early_as_the_one_before_it(ada: Services) -> None:
    imported(ada, interviews=[{"round": "first"}, HELD, {"round": "second"}])
    assert [row.starts_at.isoformat() for row in stored_rows(ada, InterviewRow)] == [
        "2026-02-03T00:00:00+00:00",
        "2026-02-10T10:00:00+00:00",
        "2026-02-10T10:00:00+00:00",
    ]


def test_an_outcome_without_a_day_is_known_since_today(ada: Services) -> None:
    with ada.service.clock.stopped():
        row = imported(ada, outcome="no_offer")
        assert row.outcome_known_on == ada.service.clock().date()
        assert row.outcome_recorded_at == ada.service.clock()


def test_notes_without_signals_are_kept_and_without_either_there_is_no_sheet(ada: Services) -> None:
    noted = HELD | {"signal_notes": {"rambled": "Not sure."}}
    imported(ada, interviews=[HELD, noted])
    _, second = stored_rows(ada, InterviewRow)
    (sheet,) = stored_rows(ada, SignalSheetRow)
    assert (sheet.interview_id, sheet.signals) == (second.id, {})


def exported(ada: Services, application_id: ApplicationId) -> dict[str, Any]:
    (one,) = ada.read(lines_of, [application_id])
    return one


def test_an_application_that_was_not_imported_is_known_by_its_own_id(ada: Services) -> None:
    application_id = add_application(ada, notes="mine")
    same = exported(ada, application_id)
    assert same["external_id"] == application_id
    assert counts(import_(ada, line(**same))) == (0, 1, 0)
    result = import_(ada, line(**(same | {"notes": "other"})))
    assert errors(result.rejected[0]) == [("#/external_id", "line_changed")]
    assert application_id in result.rejected[0].errors[0].detail


def test_the_id_of_somebody_else_s_application_is_an_id_like_any_other(ada: Services) -> None:
    theirs = add_application(colleague(ada, Role.CANDIDATE))
    assert counts(import_(ada, line(external_id=theirs))) == (1, 0, 0)


def test_an_edited_application_equals_the_line_it_came_in_and_its_export(ada: Services) -> None:
    application_id = imported(ada, interviews=[HELD]).id
    body = ApplicationUpdate.model_validate({"location": "York"})
    ada.write(applications.update, application_id, body)
    assert counts(import_(ada, line(interviews=[HELD]))) == (0, 1, 0)
    assert counts(import_(ada, line(**exported(ada, application_id)))) == (0, 1, 0)
    assert counts(import_(ada, line(interviews=[HELD], location="Leeds"))) == (0, 0, 1)


@pytest.mark.parametrize("original_first", [True, False])
def test_both_lines_that_an_edited_application_equals_may_come_together(
    ada: Services, *, original_first: bool
) -> None:
    application_id = imported(ada).id
    body = ApplicationUpdate.model_validate({"location": "York"})
    ada.write(applications.update, application_id, body)
    lines = [line(), line(**exported(ada, application_id))]
    assert counts(import_(ada, *lines[:: 1 if original_first else -1])) == (0, 2, 0)
