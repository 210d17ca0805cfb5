"""Planning of steps: which steps follow from the records, in whatever order these came."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.guidance.steps.planning import (
    ApplicationFacts,
    InterviewFacts,
    ReferenceFacts,
    plan,
    timed_steps,
)
from app.guidance.steps.text import reason
from app.guide import Anchor, Condition
from app.kit.ids import InterviewId
from app.tracking.applications.lifecycle import Status
from app.tracking.interviews.lifecycle import Format, InterviewState

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
FIRST = InterviewId("int_01k9a00000debr1ef00nt00001")
HELD = InterviewFacts(
    id=FIRST,
    format=Format.VIDEO,
    state=InterviewState.CONCLUDED,
    starts_at=NOW - timedelta(hours=2),
    ended_at=NOW - timedelta(hours=1),
    awaited_on=None,
    heard_at=None,
    has_reported=False,
    has_asked=False,
    has_signals=False,
)
AHEAD = replace(
    HELD, state=InterviewState.SCHEDULED, starts_at=NOW + timedelta(days=1), ended_at=None
)
NOBODY = ReferenceFacts(has_any=False, are_warned=False, given_at=None, are_thanked=False)
SEARCH = ApplicationFacts(
    status=Status.ACTIVE, closed_at=None, interviews=(HELD,), references=NOBODY
)

UNKNOWN = {Condition.EMPLOYED, Condition.WENT_BADLY}
"""What nothing on record says yet."""


def planned(search: ApplicationFacts) -> set[str]:
    return {step_id for _, step_id in plan(search, NOW).due}


def test_without_an_interview_and_an_answer_there_is_nothing_to_do() -> None:
    assert planned(replace(SEARCH, interviews=())) == set()


def test_every_timed_step_of_the_guide_comes_up_or_is_known_to_wait_for_more_to_be_recorded() -> (
    None
):
    referees = ReferenceFacts(has_any=True, are_warned=False, given_at=NOW, are_thanked=False)
    waiting = replace(HELD, awaited_on=date(2026, 11, 9), heard_at=NOW)
    found: set[str] = set()
    for format_ in (Format.PANEL, Format.TASK, Format.PRESENTATION):
        interviews = (waiting, replace(AHEAD, format=format_))
        found |= planned(replace(SEARCH, interviews=interviews, references=referees))
    for status in (Status.OFFER, Status.NO_OFFER, Status.NO_RESPONSE):
        found |= planned(replace(SEARCH, status=status, closed_at=NOW))
    left = {step.id: (due.after, step.on) for step, due in timed_steps() if step.id not in found}
    assert all(after is Anchor.OFFER_DEADLINE or on in UNKNOWN for after, on in left.values())


@pytest.mark.parametrize("step_id", [step.id for step, _ in timed_steps()])
def test_every_timed_step_says_what_it_is_counted_from(step_id: str) -> None:
    assert reason(step_id).startswith("Due ")
    assert reason(step_id).endswith(".")


def test_an_interview_that_has_begun_needs_no_preparing() -> None:
    assert "read_the_brief" in planned(replace(SEARCH, interviews=(AHEAD,)))
    begun = replace(AHEAD, starts_at=NOW)
    assert planned(replace(SEARCH, interviews=(begun,))) == set()


def test_a_step_is_due_so_long_after_its_interview() -> None:
    due = plan(SEARCH, NOW).due[FIRST, "report_to_recruiter"]
    assert HELD.ended_at
    assert due - HELD.ended_at == timedelta(hours=1)


def test_no_step_is_due_later_than_can_be_shown() -> None:
    waiting = replace(HELD, awaited_on=date(2199, 12, 31))
    due = plan(replace(SEARCH, interviews=(waiting,)), NOW).due
    assert max(due.values()).year == 2199


def test_what_is_on_record_as_done_is_not_planned() -> None:
    done = replace(HELD, has_reported=True, has_asked=True, has_signals=True)
    thanked = ReferenceFacts(has_any=True, are_warned=True, given_at=None, are_thanked=True)
    found = plan(replace(SEARCH, interviews=(done,), references=thanked), NOW)
    assert (FIRST, "report_to_recruiter") in found.fulfilled
    assert (None, "thank_your_referees") in found.fulfilled
    assert not found.fulfilled & found.due.keys()


def test_once_it_is_known_what_came_of_it_nothing_is_left_to_wait_for() -> None:
    waiting = replace(HELD, awaited_on=date(2026, 11, 9), heard_at=NOW)
    closed = replace(SEARCH, status=Status.WITHDRAWN, closed_at=NOW, interviews=(waiting, AHEAD))
    assert planned(closed) == {"take_feedback_on_board"}
