"""Who speaks for the candidate, and that nobody stays un-warned or un-thanked without showing."""

import re
from typing import Any

import pytest

from app.core.config.settings import Settings
from app.core.persistence.tenancy import Role
from tests.support.service import Person, Service
from tests.support.webhook_receiver import receiving

WANTED = {"company": {"name": "Tidemark"}, "job_title": "Engineer"}
WHO = "Zqreferee Nwosu"
REFEREE = {"name": WHO, "email": "zqreferee@harbour.example"}
STEPS = ("heads-up", "request", "delivery", "thanks")


@pytest.fixture
def ada(service: Service) -> Person:
    return service.candidate()


def apply(person: Person, **wanted: Any) -> str:
    made = person.does("POST", "/v1/applications", WANTED | wanted)
    return f"/v1/applications/{made['id']}"


def named(person: Person, application: str, **referee: Any) -> str:
    body = {"referee": REFEREE | referee, "note": "Saw the migration."}
    return f"/v1/references/{person.does('POST', f'{application}/references', body)['id']}"


def owed(person: Person, answer: str = "true") -> list[str]:
    found = person.does("GET", f"/v1/references?owed={answer}")["data"]
    return [f"/v1/references/{each['id']}" for each in found]


def events(person: Person) -> list[Any]:
    found = person.does("GET", "/v1/events?limit=100")["data"]
    return [each for each in found if each["type"].startswith("reference.")]


def test_R7_a_reference_goes_from_named_to_thanked_and_each_step_has_its_time(ada: Person) -> None:
    reference = named(ada, apply(ada))
    shown = ada.does("GET", reference)
    assert (shown["state"], shown["needs"]) == ("named", ["warn"])
    assert shown["referee"]["name"] == WHO
    ways = [ada.does("POST", f"{reference}/{step}") for step in STEPS]
    assert [each["state"] for each in ways] == ["warned", "awaited", "given", "thanked"]
    assert [each["needs"] for each in ways] == [[], [], ["thank"], []]
    times = [ways[-1][at] for at in ("warned_at", "requested_at", "given_at", "thanked_at")]
    assert times == sorted(times)
    assert ways[-1]["reminded_at"] is None


def test_R7_a_reminder_is_kept_and_leaves_the_state_as_it_is(ada: Person) -> None:
    reference = named(ada, apply(ada))
    for step, state in (("heads-up", "warned"), ("request", "awaited")):
        ada.does("POST", f"{reference}/{step}")
        reminded = ada.does("POST", f"{reference}/reminder")
        assert (reminded["state"], reminded["needs"]) == (state, [])
        assert reminded["reminded_at"] > reminded["warned_at"]


def test_R7_a_step_that_does_not_fit_is_refused_with_those_that_do(ada: Person) -> None:
    reference = named(ada, apply(ada))
    problem = ada.fails("POST", f"{reference}/thanks")
    assert (problem["code"], problem["status"]) == ("invalid_transition", 409)
    assert problem["allowed_transitions"] == ["replace the referee", "warn", "request", "give"]
    assert ada.does("GET", reference)["thanked_at"] is None


def test_R7_whoever_is_to_be_called_unwarned_shows_until_they_are_warned(ada: Person) -> None:
    reference = named(ada, apply(ada))
    asked_for = ada.does("POST", f"{reference}/request")
    assert (asked_for["state"], asked_for["needs"]) == ("awaited", ["warn"])
    assert owed(ada) == [reference]
    warned = ada.does("POST", f"{reference}/heads-up")
    assert (warned["state"], warned["needs"]) == ("awaited", [])
    assert owed(ada) == []


def test_R7_the_unthanked_show_across_all_applications(ada: Person) -> None:
    first, second = apply(ada), apply(ada)
    thanked, unthanked = named(ada, first), named(ada, second)
    unwarned, warned = (named(ada, first, name=n, email=f"{n}@x.example") for n in ("Bo", "Cy"))
    for step in STEPS:
        ada.does("POST", f"{thanked}/{step}")
    ada.does("POST", f"{unthanked}/delivery")
    ada.does("POST", f"{warned}/heads-up")
    assert owed(ada) == [unthanked, unwarned]
    assert owed(ada, "false") == [thanked, warned]
    of_first = ada.does("GET", f"{first}/references")["data"]
    assert [each["needs"] for each in of_first] == [[], ["warn"], []]
    ada.does("POST", f"{unthanked}/thanks")
    assert owed(ada) == [unwarned]


def test_R7_whoever_waited_for_a_call_is_to_be_thanked_when_it_is_over(ada: Person) -> None:
    application = apply(ada)
    waited, spare = named(ada, application), named(ada, application, email="bo@x.example")
    ada.does("POST", f"{waited}/request")
    tag = ada("GET", waited).headers["etag"]
    ada.does("PUT", f"{application}/outcome", {"outcome": "no_offer"})
    assert ada("GET", waited, headers={"If-None-Match": tag}).status_code == 200
    assert ada.does("GET", waited)["needs"] == ["thank"]
    assert ada.does("GET", spare)["needs"] == []  # nobody will call them any more
    ada.does("POST", f"{waited}/thanks")
    assert owed(ada) == []


def test_R7_the_list_is_read_in_pages_that_fit_their_filter(ada: Person) -> None:
    application = apply(ada)
    made = [named(ada, application, email=f"r{n}@x.example") for n in range(3)]
    first = ada.does("GET", "/v1/references?owed=true&limit=2")
    rest = ada.does("GET", f"/v1/references?owed=true&limit=2&cursor={first['next_cursor']}")
    seen = [f"/v1/references/{each['id']}" for each in first["data"] + rest["data"]]
    assert seen == made
    for other in ("", "&owed=false"):
        problem = ada.fails("GET", f"/v1/references?limit=2&cursor={first['next_cursor']}{other}")
        assert problem["code"] == "cursor_invalid"


@pytest.mark.parametrize("guess", ["1", "yes", "True", ""])
def test_R7_the_filter_is_not_guessed(ada: Person, guess: str) -> None:
    problem = ada.fails("GET", f"/v1/references?owed={guess}")
    assert [each["pointer"] for each in problem["errors"]] == ["query/owed"]


def test_R7_a_referee_is_named_once_in_an_application_and_again_in_another(ada: Person) -> None:
    first, second = apply(ada), apply(ada)
    before = named(ada, first)
    problem = ada.fails("POST", f"{first}/references", {"referee": REFEREE})
    assert (problem["code"], problem["status"]) == ("referee_already_named", 409)
    assert before.endswith(problem["reference"])
    again = ada.does("GET", named(ada, second))
    assert again["referee"] == ada.does("GET", before)["referee"]


def test_R7_more_may_be_told_of_a_referee_and_another_takes_their_place_before_any_step(
    ada: Person,
) -> None:
    reference = named(ada, apply(ada))
    tag = ada("GET", reference).headers["etag"]
    more = ada.does("PATCH", reference, {"referee": REFEREE | {"phone": "+44 20 7946 0018"}})
    assert more["referee"]["phone"] == "+44 20 7946 0018"
    stale = {"If-Match": tag}
    assert (
        ada.fails("PATCH", reference, {"note": None}, headers=stale)["code"]
        == "precondition_failed"
    )
    other = ada.does("PATCH", reference, {"referee": {"name": "Bo"}, "note": None})
    assert (other["referee"]["name"], other["note"]) == ("Bo", None)
    ada.does("POST", f"{reference}/heads-up")
    problem = ada.fails("PATCH", reference, {"referee": {"name": "Cy"}})
    assert problem["code"] == "invalid_transition"
    ada.does("PATCH", reference, {"referee": {"name": "Bo", "title": "Architect"}})


def test_R7_a_deleted_reference_is_gone_and_the_person_stays(ada: Person) -> None:
    application = apply(ada)
    reference = named(ada, application)
    ada.does("DELETE", reference)
    assert ada.fails("GET", reference)["code"] == "reference_not_found"
    named(ada, application)
    ada.does("DELETE", application)
    assert ada.does("GET", "/v1/references")["data"] == []


def test_R7_A4_references_are_the_candidate_s_alone(service: Service, ada: Person) -> None:
    sam = service.person(Role.RECRUITER, ada.workspace_id)
    application = apply(ada, shared_with=sam.member_id)
    reference = named(ada, application)
    for path in (reference, f"{application}/references", "/v1/references"):
        assert sam.fails("GET", path)["code"] == "insufficient_scope"
    assert sam.fails("POST", f"{reference}/thanks")["code"] == "insufficient_scope"
    peer = service.candidate(ada.workspace_id)
    assert peer.fails("GET", reference)["code"] == "reference_not_found"
    assert peer.fails("GET", f"{application}/references")["code"] == "application_not_found"
    assert peer.does("GET", "/v1/references")["data"] == []


def test_R7_A4_the_recruiter_is_told_of_the_steps_and_never_who_the_referee_is(
    service: Service, ada: Person
) -> None:
    sam = service.person(Role.RECRUITER, ada.workspace_id)
    application = apply(ada, shared_with=sam.member_id)
    reference = named(ada, application)
    ada.does("POST", f"{reference}/heads-up")
    ada.does("POST", f"{reference}/reminder")
    for step in STEPS[1:]:
        ada.does("POST", f"{reference}/{step}")
    told = events(sam)
    assert [(each["type"], each["data"]["state"]) for each in told] == [
        ("reference.named", "named"),
        ("reference.warned", "warned"),
        ("reference.requested", "awaited"),
        ("reference.given", "given"),
        ("reference.thanked", "thanked"),
    ]
    assert all(
        each["data"].keys() == {"candidate", "application", "reference", "state"} for each in told
    )
    assert not re.search("zqreferee|per_", str(told), re.IGNORECASE)
    assert events(ada) == told


def test_R7_A4_a_full_payload_shows_nothing_of_a_reference(
    service: Service, settings: Settings, ada: Person
) -> None:
    sam = service.person(Role.RECRUITER, ada.workspace_id)
    with receiving() as receiver:
        for person in (ada, sam):
            hook = {
                "url": receiver.url,
                "payload_format": "full",
                "event_types": ["reference.named"],
            }
            person.does("POST", "/v1/webhook-endpoints", hook)
        named(ada, apply(ada, shared_with=sam.member_id))
        service.do_jobs(settings)
        assert receiver.types == ["reference.named", "reference.named"]
        for each in receiver.received:
            assert each.message["object"] is None
            assert b"zqreferee" not in each.body.lower()
