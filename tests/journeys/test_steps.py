"""What is due next, and why: from the guide, moved with what happens, told of once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.config.settings import Settings
from app.core.persistence.tenancy import Role, system_caller
from app.guidance.steps.due_events import publish_batch
from tests.support.service import Person, Service
from tests.support.webhook_receiver import receiving

WANTED = {"company": {"name": "Tidemark"}, "job_title": "Engineer"}
REPORT = {"direction": "candidate_to_recruiter", "audience": "recruiter", "text": "It went well."}
HEARD = {"direction": "recruiter_to_candidate", "audience": "recruiter", "text": "They liked you."}
NOBODYS = "stp_01k9a0zzzzdebr1ef0zzz00001"


@pytest.fixture
def ada(service: Service) -> Person:
    return service.candidate()


def apply(person: Person, **wanted: Any) -> str:
    made = person.does("POST", "/v1/applications", WANTED | wanted)
    return f"/v1/applications/{made['id']}"


def interview(person: Person, application: str, starts_in: timedelta, **more: Any) -> str:
    planned = {"round": "first", "format": "video", "starts_at": at(starts_in)} | more
    return f"/v1/interviews/{person.does('POST', f'{application}/interviews', planned)['id']}"


def at(ahead: timedelta) -> str:
    return (datetime.now(UTC).replace(microsecond=0) + ahead).isoformat()


def held(person: Person, application: str, ended: timedelta = timedelta(minutes=-30)) -> str:
    made = interview(person, application, ended - timedelta(hours=1))
    person.does("POST", f"{made}/conclusion", {"ended_at": at(ended)})
    return made


def steps(person: Person, query: str = "") -> dict[str, Any]:
    found = person.does("GET", f"/v1/steps?limit=100{query}")
    assert not found["has_more"]
    return {each["guide_step"]: each for each in found["data"]}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def told(person: Person) -> list[Any]:
    found = person.does("GET", "/v1/events?limit=100&type=step.due")["data"]
    return [each["data"] for each in found]


def test_R4_a_report_to_the_recruiter_is_due_an_hour_after_the_interview(ada: Person) -> None:
    made = held(ada, apply(ada))
    ended_at = instant(ada.does("GET", made)["ended_at"])
    step = steps(ada)["report_to_recruiter"]
    assert instant(step["due_at"]) - ended_at == timedelta(hours=1)
    assert (step["state"], step["is_overdue"], step["phase"]) == ("open", False, "straight_after")
    assert made.endswith(step["interview"])
    assert step["title"] == "Tell your recruiter how it went"
    assert step["text"].startswith("Ring or write while it is fresh")
    assert step["reason"] == "Due 1 hour after the interview ended."


def test_R4_a_late_report_is_prompted_and_shows_as_overdue(
    service: Service, settings: Settings, ada: Person
) -> None:
    held(ada, apply(ada))
    with service.clock.later(timedelta(hours=1)):
        step = steps(ada, "&due=now")["report_to_recruiter"]
        assert step["is_overdue"]
        service.do_jobs(settings)
        prompt = next(each for each in told(ada) if each["step"] == step["id"])
    assert prompt["guide_step"] == "report_to_recruiter"
    assert prompt["interview"] == step["interview"]


def test_R4_a_report_that_was_sent_is_a_step_done(ada: Person) -> None:
    made = held(ada, apply(ada))
    draft = ada.does("POST", f"{made}/feedback", REPORT)["id"]
    assert steps(ada)["report_to_recruiter"]["state"] == "open"
    ada.does("POST", f"/v1/feedback/{draft}/dispatch")
    done = steps(ada)["report_to_recruiter"]
    assert (done["state"], done["is_overdue"]) == ("done", False)
    assert done["closed_at"]


def test_R4_feedback_to_the_interviewer_is_no_report(ada: Person) -> None:
    made = held(ada, apply(ada))
    to_them = REPORT | {"direction": "candidate_to_interviewer", "audience": "company"}
    draft = ada.does("POST", f"{made}/feedback", to_them)["id"]
    ada.does("POST", f"/v1/feedback/{draft}/dispatch")
    assert steps(ada)["report_to_recruiter"]["state"] == "open"


def test_what_was_done_before_it_was_asked_for_is_never_asked_for(ada: Person) -> None:
    made = interview(ada, apply(ada), timedelta(hours=-2))
    ada.does("PUT", f"{made}/signals", {"signals": {"rambled": "absent"}})
    ada.does("PUT", f"{made}/feedback-request", {})
    ada.does("POST", f"{made}/conclusion", {"ended_at": at(timedelta(hours=-1))})
    assert not {"note_the_signs", "ask_for_feedback_and_a_date"} & steps(ada).keys()


def test_R6_an_answer_that_is_overdue_is_asked_for_again_a_day_later(ada: Person) -> None:
    made = held(ada, apply(ada))
    day = (datetime.now(UTC) + timedelta(days=5)).date()
    ada.does("PUT", f"{made}/feedback-request", {"answer_expected_on": day.isoformat()})
    due_at = instant(steps(ada)["follow_up_when_overdue"]["due_at"])
    assert due_at.date() == day + timedelta(days=1)
    later = (day + timedelta(days=3)).isoformat()
    tag = ada("GET", f"{made}/feedback-request").headers["etag"]
    told_anew = {"headers": {"If-Match": tag}}
    ada.does("PUT", f"{made}/feedback-request", {"answer_expected_on": later}, **told_anew)
    moved = instant(steps(ada)["follow_up_when_overdue"]["due_at"])
    assert moved - due_at == timedelta(days=3)
    ada.does("DELETE", f"{made}/feedback-request")
    assert "follow_up_when_overdue" not in steps(ada)


def test_R6_an_answer_that_came_needs_no_asking_and_is_taken_on_board(
    service: Service, ada: Person
) -> None:
    sam = service.person(Role.RECRUITER, ada.workspace_id)
    made = held(ada, apply(ada, shared_with=sam.member_id))
    ada.does("PUT", f"{made}/feedback-request", {"answer_expected_on": "2199-12-31"})
    assert steps(ada)["follow_up_when_overdue"]["due_at"] == "2199-12-31T00:00:00Z"
    sam.does("POST", f"{made}/feedback", HEARD)
    left = steps(ada)
    assert "follow_up_when_overdue" not in left
    assert left["take_feedback_on_board"]["state"] == "open"
    sam.does("POST", f"{made}/feedback", HEARD)
    assert steps(ada)["take_feedback_on_board"] == left["take_feedback_on_board"]


def test_R7_referees_are_to_be_warned_and_thanked(ada: Person) -> None:
    application = apply(ada)
    held(ada, application)
    assert "warn_your_referees" not in steps(ada)
    named = ada.does("POST", f"{application}/references", {"referee": {"name": "Amara Nwosu"}})
    reference = f"/v1/references/{named['id']}"
    assert steps(ada)["warn_your_referees"]["state"] == "open"
    ada.does("POST", f"{reference}/heads-up")
    assert steps(ada)["warn_your_referees"]["state"] == "done"
    assert "thank_your_referees" not in steps(ada)
    ada.does("POST", f"{reference}/delivery")
    step = steps(ada)["thank_your_referees"]
    assert (step["state"], step["interview"]) == ("open", None)
    ada.does("POST", f"{reference}/thanks")
    assert steps(ada)["thank_your_referees"]["state"] == "done"


def test_K1_after_a_no_there_are_thanks_a_question_and_staying_in_touch(ada: Person) -> None:
    application = apply(ada)
    held(ada, application)
    ada.does("PUT", f"{application}/outcome", {"outcome": "no_offer"})
    expected = {"thank_the_recruiter", "ask_why", "stay_in_touch"}
    left = steps(ada)
    assert expected <= left.keys()
    assert "report_to_recruiter" not in left
    ada.does("DELETE", f"{application}/outcome")
    left = steps(ada)
    assert not expected & left.keys()
    assert "report_to_recruiter" in left


def test_B5_while_waiting_nothing_is_due_before_the_day(ada: Person) -> None:
    made = held(ada, apply(ada), timedelta(days=-5))
    ada.does("PUT", f"{made}/feedback-request", {"answer_expected_on": at(timedelta(days=4))[:10]})
    later = steps(ada, "&due=later")
    assert list(later) == ["follow_up_when_overdue"]


def test_N3_what_is_prepared_follows_the_format(ada: Person) -> None:
    made = interview(ada, apply(ada), timedelta(days=9), format="panel")
    assert "learn_the_panel" in steps(ada)
    ada.does("PATCH", made, {"format": "task"})
    left = steps(ada)
    assert "learn_the_panel" not in left
    assert "prepare_the_task" in left


def test_steps_move_with_their_interview_and_go_when_it_is_cancelled(ada: Person) -> None:
    made = interview(ada, apply(ada), timedelta(days=9))
    before = steps(ada)
    assert instant(before["read_the_brief"]["due_at"]) < instant(ada.does("GET", made)["starts_at"])
    ada.does("POST", f"/v1/steps/{before['ask_about_the_format']['id']}/completion")
    ada.does("PATCH", made, {"starts_at": at(timedelta(days=16))})
    after = steps(ada)
    assert after.keys() == before.keys()
    moved = instant(after["read_the_brief"]["due_at"]) - instant(before["read_the_brief"]["due_at"])
    assert moved.days in {6, 7}
    assert after["read_the_brief"]["id"] == before["read_the_brief"]["id"]
    # What was done stays as it was.
    done = "ask_about_the_format"
    assert (after[done]["state"], after[done]["due_at"]) == ("done", before[done]["due_at"])
    ada.does("POST", f"{made}/cancellation")
    assert list(steps(ada)) == [done]
    ada.does("DELETE", made)
    assert steps(ada) == {}


def test_a_step_is_done_or_left_once_and_what_was_left_can_still_be_done(ada: Person) -> None:
    held(ada, apply(ada))
    first, other = [f"/v1/steps/{each['id']}" for each in list(steps(ada).values())[:2]]
    assert ada.does("POST", f"{first}/completion")["state"] == "done"
    for move in ("completion", "dismissal"):
        problem = ada.fails("POST", f"{first}/{move}")
        assert (problem["code"], problem["allowed_transitions"]) == ("invalid_transition", [])
    assert ada.does("POST", f"{other}/dismissal")["state"] == "dismissed"
    assert ada.fails("POST", f"{other}/dismissal")["allowed_transitions"] == ["complete"]
    assert ada.does("POST", f"{other}/completion")["state"] == "done"
    assert len(steps(ada, "&state=done")) == 2


def test_a_settled_step_stays_settled_whatever_happens_then(ada: Person) -> None:
    application = apply(ada)
    held(ada, application)
    step = steps(ada)["compare_with_expectations"]["id"]
    ada.does("POST", f"/v1/steps/{step}/dismissal")
    ada.does("PUT", f"{application}/outcome", {"outcome": "no_response"})
    ada.does("DELETE", f"{application}/outcome")
    assert steps(ada)["compare_with_expectations"]["state"] == "dismissed"


def test_the_list_is_walked_by_due_time_and_filtered(ada: Person) -> None:
    one, other = apply(ada), apply(ada)
    held(ada, one, timedelta(hours=-3))
    interview(ada, other, timedelta(days=9))
    found: list[Any] = []
    path = "/v1/steps?limit=4"
    while path:
        page = ada.does("GET", path)
        found += page["data"]
        cursor = page["next_cursor"]
        path = f"/v1/steps?limit=4&cursor={cursor}" if cursor else ""
    assert [each["id"] for each in found] == [each["id"] for each in steps(ada).values()]
    assert found == sorted(found, key=lambda each: (each["due_at"], each["id"]))
    of_one = steps(ada, f"&application={one.rpartition('/')[2]}")
    assert 0 < len(of_one) < len(found)
    now, later = (steps(ada, f"&due={when}") for when in ("now", "later"))
    assert all(each["is_overdue"] for each in now.values())
    assert not any(each["is_overdue"] for each in later.values())
    assert now.keys() | later.keys() == {each["guide_step"] for each in found}
    assert steps(ada, "&due=now&state=done") == {}
    assert ada.fails("GET", "/v1/steps?due=soon")["status"] == 422
    assert ada.fails("GET", "/v1/steps?application=int_1")["status"] == 422


def test_what_becomes_due_during_a_walk_of_what_is_due_later_is_not_passed_over(
    service: Service, ada: Person
) -> None:
    held(ada, apply(ada))
    expected = list(steps(ada, "&due=later"))
    page = ada.does("GET", "/v1/steps?limit=2&due=later")
    found = [each["guide_step"] for each in page["data"]]
    with service.clock.later(timedelta(days=30)):
        more = ada.does("GET", f"/v1/steps?limit=100&due=later&cursor={page['next_cursor']}")
    assert found + [each["guide_step"] for each in more["data"]] == expected


@pytest.fixture
def due(service: Service, ada: Person) -> Iterator[list[str]]:
    """A number of steps that are due by now, by their ids, and still to be announced."""
    held(ada, apply(ada), timedelta(hours=-1))
    with service.clock.later(timedelta(hours=2)):
        yield [each["id"] for each in steps(ada, "&due=now").values()]


@pytest.mark.slow
def test_a_step_that_is_due_is_told_of_once_however_often_the_worker_looks(
    service: Service, settings: Settings, ada: Person, due: list[str]
) -> None:
    for _ in range(3):
        service.do_jobs(settings)
    assert [each["step"] for each in told(ada)] == due
    with service.clock.later(timedelta(days=2)):
        service.do_jobs(settings)
        service.do_jobs(settings)
        said = [each["step"] for each in told(ada)]
    assert len(said) == len(set(said)) == len(steps(ada))


@pytest.mark.slow
def test_a_step_is_not_told_of_before_it_is_due_nor_once_it_is_settled(
    service: Service, settings: Settings, ada: Person
) -> None:
    held(ada, apply(ada))
    service.do_jobs(settings)
    assert told(ada) == []
    done, left, *_ = [each["id"] for each in steps(ada).values()]
    ada.does("POST", f"/v1/steps/{done}/completion")
    ada.does("POST", f"/v1/steps/{left}/dismissal")
    with service.clock.later(timedelta(days=3)):
        service.do_jobs(settings)
        said = {each["step"] for each in told(ada)}
        assert said == {each["id"] for each in steps(ada, "&state=open").values()}


def test_what_a_dying_worker_had_begun_to_announce_is_announced_by_the_next(
    service: Service, settings: Settings, ada: Person, due: list[str]
) -> None:
    def die_before_the_commit(work: Any) -> None:
        publish_batch(work, 100)
        assert len(work.pending_events) == len(due)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        service.runner.write_sync(system_caller(ada.workspace_id), die_before_the_commit)
    assert told(ada) == []
    service.do_jobs(settings)
    assert [each["step"] for each in told(ada)] == due


def test_a_step_that_moved_ahead_again_is_told_of_anew(
    service: Service, settings: Settings, ada: Person
) -> None:
    made = interview(ada, apply(ada), timedelta(hours=1))
    service.do_jobs(settings)
    first = told(ada)
    assert first
    ada.does("PATCH", made, {"starts_at": at(timedelta(days=9))})
    service.do_jobs(settings)
    assert told(ada) == first
    with service.clock.later(timedelta(days=8, hours=23)):
        service.do_jobs(settings)
        assert len(told(ada)) == 2 * len(first)


def test_A4_steps_are_the_candidate_s_alone(
    service: Service, settings: Settings, ada: Person
) -> None:
    sam = service.person(Role.RECRUITER, ada.workspace_id)
    held(ada, apply(ada, shared_with=sam.member_id))
    step = f"/v1/steps/{next(iter(steps(ada).values()))['id']}"
    for path in (step, "/v1/steps"):
        assert sam.fails("GET", path)["code"] == "insufficient_scope"
    for other in (service.candidate(ada.workspace_id), service.candidate()):
        assert steps(other) == {}
        theirs, nobodys = (other.fails("GET", each) for each in (step, f"/v1/steps/{NOBODYS}"))
        assert (theirs["code"], theirs["detail"]) == (nobodys["code"], nobodys["detail"])
        assert other.fails("POST", f"{step}/completion")["code"] == "step_not_found"
    with receiving() as receiver, service.clock.later(timedelta(days=2)):
        for person in (sam, ada):
            hook = {"url": receiver.url, "payload_format": "full", "event_types": ["step.due"]}
            person.does("POST", "/v1/webhook-endpoints", hook)
        service.do_jobs(settings)
        assert receiver.types == ["step.due"] * len(steps(ada))
        assert all(each.message["object"] is None for each in receiver.received)
    assert told(sam) == []
