"""What happens is told to those who want to know: signed, in order, once, and nothing private."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import update
from standardwebhooks import Webhook

from app.core.config.settings import Settings
from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import Role, system_caller
from app.core.unit_of_work.session import WriteSession
from app.integrations.webhooks.subscriptions.previous_secrets import MAX_PREVIOUS_SECRETS
from tests.support.service import Person, Service
from tests.support.webhook_receiver import Received, Receiver, receiving

WANTED = {"company": {"name": "Tidemark"}, "job_title": "Engineer"}
PRIVATE = "zqprivatezq"
MINUTES = {"overlap_minutes": 60}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def ada(service: Service) -> Person:
    return service.candidate()


def listen(person: Person, receiver: Receiver, **wanted: Any) -> Any:
    """Register the receiver for this person."""
    return person.does("POST", "/v1/webhook-endpoints", {"url": receiver.url, **wanted})


def apply(person: Person, **wanted: Any) -> str:
    made: str = person.does("POST", "/v1/applications", WANTED | wanted)["id"]
    return made


def deliveries(person: Person, endpoint: Any, query: str = "") -> Any:
    path = f"/v1/webhook-endpoints/{endpoint['id']}/deliveries"
    return person.does("GET", f"{path}{query}")["data"]


def verify(received: Received, secret: str) -> None:
    Webhook(secret).verify(received.body, received.headers)


def test_A2_an_endpoint_is_told_signed_and_in_the_form_of_standard_webhooks(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    endpoint = listen(ada, receiver)
    application = apply(ada)
    service.do_jobs(settings)
    (came,) = receiver.received
    verify(came, endpoint["secret"])
    said = came.message
    assert said["type"] == "application.created"
    assert said["data"] == {
        "event": came.id,
        "subject": application,
        "sequence": 1,
        "schema_version": 1,
        "candidate": ada.member_id,
        "application": application,
    }
    (delivery,) = deliveries(ada, endpoint)
    shown = ada.does("GET", f"/v1/deliveries/{delivery['id']}")
    assert shown["state"] == "delivered"
    (attempt,) = shown["attempts"]
    assert (attempt["status"], attempt["failure"]) == (204, None)


def test_an_event_is_told_once_however_often_the_worker_looks(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    listen(ada, receiver)
    apply(ada)
    for _ in range(3):
        service.do_jobs(settings)
    assert receiver.types == ["application.created"]


def test_an_endpoint_is_told_of_the_types_it_wants_alone(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    listen(ada, receiver, event_types=["application.stage_changed"])
    application = apply(ada)
    ada.does("PATCH", f"/v1/applications/{application}", {"stage": "screening"})
    service.do_jobs(settings)
    assert receiver.types == ["application.stage_changed"]


def test_events_of_one_resource_are_numbered_without_a_gap(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    listen(ada, receiver)
    application = apply(ada)
    for stage in ("screening", "first", "second"):
        ada.does("PATCH", f"/v1/applications/{application}", {"stage": stage})
    service.do_jobs(settings)
    assert [each.message["data"]["sequence"] for each in receiver.received] == [1, 2, 3, 4]


def test_nobody_else_of_the_workspace_is_told(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    ben = service.candidate(ada.workspace_id)
    recruiter = service.person(Role.RECRUITER, ada.workspace_id)
    listen(ben, receiver)
    listen(recruiter, receiver)
    apply(ada)
    service.do_jobs(settings)
    assert receiver.received == []


def test_a_recruiter_is_told_of_what_is_open_to_them_until_it_no_longer_is(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    recruiter = service.person(Role.RECRUITER, ada.workspace_id)
    listen(recruiter, receiver)
    application = apply(ada, shared_with=recruiter.member_id, interest="medium")
    path = f"/v1/applications/{application}"
    ada.does("PATCH", path, {"interest": "high"})
    ada.does("PATCH", path, {"shared_with": None})
    ada.does("PATCH", path, {"stage": "second"})
    service.do_jobs(settings)
    told = receiver.types
    assert told == ["consent.withdrawn"]  # by now nothing else is theirs to see
    ada.does("PATCH", path, {"shared_with": recruiter.member_id})
    ada.does("PATCH", path, {"stage": "final"})
    service.do_jobs(settings)
    assert receiver.types[1:] == ["consent.given", "application.stage_changed"]


def test_a_withdrawal_is_told_by_its_own_name(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    listen(ada, receiver, event_types=["application.withdrawn", "application.outcome_recorded"])
    application = apply(ada)
    ada.does("PUT", f"/v1/applications/{application}/outcome", {"outcome": "withdrawn"})
    service.do_jobs(settings)
    assert sorted(receiver.types) == ["application.outcome_recorded", "application.withdrawn"]


def test_feedback_is_told_as_it_is_sent_received_released_and_acknowledged(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    recruiter = service.person(Role.RECRUITER, ada.workspace_id)
    application = apply(ada, shared_with=recruiter.member_id)
    interview = held(ada, application)
    listen(recruiter, receiver)
    path = f"/v1/interviews/{interview}/feedback"
    draft = {"direction": "candidate_to_recruiter", "audience": "recruiter", "text": "Thank you."}
    sent = ada.does("POST", path, draft)["id"]
    ada.does("POST", f"/v1/feedback/{sent}/dispatch")
    recruiter.does("POST", f"/v1/feedback/{sent}/acknowledgement")
    recruiter.does("POST", f"/v1/feedback/{sent}/acknowledgement")
    heard = {"direction": "interviewer_to_candidate", "audience": "private", "text": "Well done."}
    received = ada.does("POST", path, heard)["id"]
    ada.does("PATCH", f"/v1/feedback/{received}", {"audience": "recruiter"})
    service.do_jobs(settings)
    # That there was something private is told to the candidate alone.
    assert sorted(each for each in receiver.types if each.startswith("feedback")) == [
        "feedback.acknowledged",
        "feedback.released",
        "feedback.sent",
    ]


def test_only_whom_feedback_is_for_acknowledges_it(service: Service, ada: Person) -> None:
    recruiter = service.person(Role.RECRUITER, ada.workspace_id)
    interview = held(ada, apply(ada, shared_with=recruiter.member_id))
    draft = {"direction": "candidate_to_recruiter", "audience": "recruiter", "text": "Thank you."}
    sent = ada.does("POST", f"/v1/interviews/{interview}/feedback", draft)["id"]
    ada.does("POST", f"/v1/feedback/{sent}/dispatch")
    problem = ada.fails("POST", f"/v1/feedback/{sent}/acknowledgement")
    assert problem["code"] == "acknowledgement_not_yours"
    assert ada.does("GET", f"/v1/feedback/{sent}")["acknowledged_at"] is None


def held(person: Person, application: str) -> str:
    """Enter an interview that has taken place, and what was observed in it."""
    began = datetime.now(UTC) - timedelta(hours=3)
    wanted = {
        "round": "first",
        "format": "video",
        "starts_at": began.isoformat(),
        "planned_minutes": 60,
        "place": f"Room {application[-4:]}",
        "notes": f"Notes {PRIVATE}",
    }
    made: str = person.does("POST", f"/v1/applications/{application}/interviews", wanted)["id"]
    ended_at = (began + timedelta(minutes=70)).isoformat()
    person.does("POST", f"/v1/interviews/{made}/conclusion", {"ended_at": ended_at})
    return made


def test_A4_no_payload_holds_anything_private(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    recruiter = service.person(Role.RECRUITER, ada.workspace_id)
    listen(ada, receiver, payload_format="full")
    listen(recruiter, receiver, payload_format="full")
    application = apply(
        ada,
        shared_with=recruiter.member_id,
        notes=f"Notes {PRIVATE}",
        source=f"Source {PRIVATE}",
        salary={"minimum": 4_711_000, "currency": "GBP"},
        interest="low",
    )
    interview = held(ada, application)
    sheet = {"signals": {"rambled": "clearly"}, "notes": {"rambled": f"Remark {PRIVATE}"}}
    ada.does("PUT", f"/v1/interviews/{interview}/signals", sheet)
    answers = {"excitement": {"score": 5, "note": f"Gut {PRIVATE}"}}
    ada("PUT", f"/v1/applications/{application}/assessment", json={"answers": answers})
    path = f"/v1/interviews/{interview}/feedback"
    for audience in ("private", "recruiter"):
        draft = {"direction": "candidate_to_recruiter", "audience": audience, "text": PRIVATE}
        ada.does("POST", path, draft)
    heard = {"direction": "interviewer_to_candidate", "audience": "private", "text": PRIVATE}
    ada.does("POST", path, heard)
    ada.does("PATCH", f"/v1/applications/{application}", {"interest": "high"})
    ada.does("PUT", f"/v1/applications/{application}/outcome", {"outcome": "no_offer"})
    service.do_jobs(settings)
    assert len(receiver.received) > 15
    everything = b"\n".join(each.body for each in receiver.received).decode()
    for marker in (PRIVATE, "4711000", "rambled", "probability", "excitement"):
        assert marker not in everything
    assert '"band"' in everything
    created = next(
        each.message for each in receiver.received if each.message["type"] == "application.created"
    )
    assert created["object"]["company"]["name"] == "Tidemark"
    assert "notes" not in created["object"]


@pytest.mark.slow
def test_what_fails_is_tried_again_by_the_schedule_and_in_the_end_given_up(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    service.do_jobs(settings)  # what other tests have left, which would take time below
    endpoint = listen(ada, receiver)
    receiver.answers(500)
    apply(ada)
    with service.clock.stopped():  # else a slow machine comes to the next attempt by itself
        service.do_jobs(settings)
        ahead = timedelta(0)
        for wait in settings.webhook_retry_schedule:
            before = len(receiver.received)
            ahead += timedelta(seconds=wait * 0.99)
            with service.clock.later(ahead):
                service.do_jobs(settings)
            assert len(receiver.received) == before
            ahead += timedelta(seconds=wait * 0.12 + 5)
            with service.clock.later(ahead):
                service.do_jobs(settings)
            assert len(receiver.received) == before + 1
    assert len(receiver.received) == 10
    assert len({each.id for each in receiver.received}) == 1
    (delivery,) = deliveries(ada, endpoint, "?state=failed")
    assert delivery["due_at"] is None
    assert delivery["attempt_count"] == 10


def _asks_to_wait(service: Service, settings: Settings, ada: Person, receiver: Receiver) -> str:
    """Have a receiver ask to be left alone for 900 s; return the path of its endpoint."""
    path = f"/v1/webhook-endpoints/{listen(ada, receiver)['id']}"
    receiver.answers(429, Retry_After="900")
    apply(ada)
    service.do_jobs(settings)
    return path


def test_a_receiver_that_asks_to_wait_is_left_alone_for_so_long(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    path = _asks_to_wait(service, settings, ada, receiver)
    throttled_until = datetime.fromisoformat(ada.does("GET", path)["throttled_until"])
    assert timedelta(seconds=850) < throttled_until - service.clock() <= timedelta(seconds=900)
    apply(ada)
    with service.clock.later(timedelta(seconds=800)):
        service.do_jobs(settings)
    assert len(receiver.received) == 1
    receiver.answers(200)
    with service.clock.later(timedelta(seconds=1_000)):
        service.do_jobs(settings)
    assert len(receiver.received) == 3
    assert ada.does("GET", path)["throttled_until"] is None


def test_an_endpoint_that_is_resumed_waits_no_longer(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    path = _asks_to_wait(service, settings, ada, receiver)
    receiver.answers(200)
    apply(ada)
    for move in ("pause", "resumption"):
        ada.does("POST", f"{path}/{move}")
    service.do_jobs(settings)
    assert ada.does("GET", path)["throttled_until"] is None
    assert len(receiver.received) == 2


def test_a_receiver_that_is_gone_is_disabled_and_its_owner_is_told(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    endpoint = listen(ada, receiver)
    receiver.answers(410)
    apply(ada)
    service.do_jobs(settings)
    shown = ada.does("GET", f"/v1/webhook-endpoints/{endpoint['id']}")
    assert (shown["state"], shown["disabled_reason"]) == ("disabled", "gone")
    told = ada.does("GET", "/v1/events?type=endpoint.disabled")["data"]
    assert [each["data"] for each in told] == [{"endpoint": endpoint["id"], "because": "gone"}]
    apply(ada)
    service.do_jobs(settings)
    assert len(receiver.received) == 1


def test_five_days_without_an_arrival_disable_an_endpoint(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    endpoint = listen(ada, receiver)
    receiver.answers(503)
    apply(ada)
    service.do_jobs(settings)
    for days in (2, 4):
        with service.clock.later(timedelta(days=days)):
            service.do_jobs(settings)
            assert _state(ada, endpoint) == "active"
    with service.clock.later(timedelta(days=5, hours=1)):
        apply(ada)
        service.do_jobs(settings)
        assert _state(ada, endpoint) == "disabled"


def _state(person: Person, endpoint: Any) -> str:
    shown: str = person.does("GET", f"/v1/webhook-endpoints/{endpoint['id']}")["state"]
    return shown


def test_what_happens_while_an_endpoint_is_paused_waits_for_it(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    endpoint = listen(ada, receiver)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    ada.does("POST", f"{path}/pause")
    apply(ada)
    service.do_jobs(settings)
    assert receiver.received == []
    assert ada.fails("POST", f"{path}/pause")["code"] == "invalid_transition"
    assert ada.fails("POST", f"{path}/test")["code"] == "endpoint_not_active"
    ada.does("POST", f"{path}/resumption")
    service.do_jobs(settings)
    assert receiver.types == ["application.created"]


def test_both_secrets_sign_while_they_overlap(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    endpoint = listen(ada, receiver)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    after = ada.does("POST", f"{path}/rotation", MINUTES)
    apply(ada)
    service.do_jobs(settings)
    verify(receiver.received[0], endpoint["secret"])
    verify(receiver.received[0], after["secret"])
    with service.clock.later(timedelta(minutes=61)):
        apply(ada)
        service.do_jobs(settings)
    assert " " not in receiver.received[1].headers["webhook-signature"]


def test_a_secret_signs_for_as_long_as_was_said_through_further_rotations(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    endpoint = listen(ada, receiver)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    first = ada.does("POST", f"{path}/rotation", MINUTES)
    second = ada.does("POST", f"{path}/rotation", {"overlap_minutes": 30})
    assert second["previous_secret_expires_at"] == first["previous_secret_expires_at"]
    apply(ada)
    service.do_jobs(settings)
    for each in (endpoint, first, second):
        verify(receiver.received[0], each["secret"])
    with service.clock.later(timedelta(minutes=31)):
        apply(ada)
        service.do_jobs(settings)
    assert len(receiver.received[1].headers["webhook-signature"].split()) == 2


def test_so_many_secrets_sign_at_once_and_no_more(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    path = f"/v1/webhook-endpoints/{listen(ada, receiver)['id']}"
    first, *_ = [ada.does("POST", f"{path}/rotation", MINUTES) for _ in range(MAX_PREVIOUS_SECRETS)]
    refused = ada.fails("POST", f"{path}/rotation", MINUTES)
    assert refused["code"] == "too_many_secrets"
    assert refused["ends_at"] == first["previous_secret_expires_at"]
    newest = ada.does("POST", f"{path}/rotation", {"overlap_minutes": 0})
    assert newest["previous_secret_expires_at"] is None
    apply(ada)
    service.do_jobs(settings)
    verify(receiver.received[0], newest["secret"])
    assert " " not in receiver.received[0].headers["webhook-signature"]


def test_a_secret_is_shown_once_and_kept_sealed(ada: Person, receiver: Receiver) -> None:
    endpoint = listen(ada, receiver)
    shown = ada.does("GET", f"/v1/webhook-endpoints/{endpoint['id']}")
    assert "secret" not in shown
    exported = ada("GET", "/v1/me/export").text
    assert endpoint["id"] in exported
    assert endpoint["secret"] not in exported


def test_an_endpoint_that_cannot_be_signed_for_is_disabled_until_its_secret_is_rotated(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    endpoint = listen(ada, receiver)
    apply(ada)
    other = settings.model_copy(
        update={"secret": SecretStr("another secret than that of the test")}
    )
    service.do_jobs(other)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    shown = ada.does("GET", path)
    assert (shown["state"], shown["disabled_reason"]) == ("disabled", "unsignable")
    ada.does("POST", f"{path}/rotation", {"overlap_minutes": 0})
    ada.does("POST", f"{path}/resumption")
    service.do_jobs(settings)
    assert receiver.types == ["application.created"]


def test_a_test_event_goes_to_its_endpoint_and_no_other(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    endpoint = listen(ada, receiver, event_types=["feedback.sent"])
    with receiving() as other:
        listen(ada, other)
        ada.does("POST", f"/v1/webhook-endpoints/{endpoint['id']}/test")
        service.do_jobs(settings)
        assert receiver.types == ["endpoint.tested"]
        assert other.received == []


def test_one_delivery_is_replayed_under_the_same_id(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    endpoint = listen(ada, receiver)
    apply(ada)
    service.do_jobs(settings)
    (delivery,) = deliveries(ada, endpoint)
    again = ada.does("POST", f"/v1/deliveries/{delivery['id']}/replay")
    assert again["trigger"] == "replay"
    service.do_jobs(settings)
    assert len(receiver.received) == 2
    assert len({each.id for each in receiver.received}) == 1


def test_a_range_is_replayed_with_its_counts(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    began = datetime.now(UTC) - timedelta(minutes=1)
    for _ in range(3):
        apply(ada)
    endpoint = listen(ada, receiver)
    service.do_jobs(settings)
    assert len(receiver.received) == 3  # nobody had been told of them before
    path = f"/v1/webhook-endpoints/{endpoint['id']}/replays"
    every = ada.does("POST", path, {"since": began.isoformat()})
    none = ada.does("POST", path, {"since": began.isoformat(), "only_undelivered": True})
    service.do_jobs(settings)
    assert len(receiver.received) == 6
    for made, count in ((every, 3), (none, 0)):
        shown = ada.does("GET", f"/v1/replays/{made['id']}")
        assert (shown["state"], shown["scanned_count"], shown["replayed_count"]) == (
            "done",
            3,
            count,
        )


def test_the_feed_leads_on_from_its_last_page_to_what_is_new(ada: Person) -> None:
    first = apply(ada)
    page = ada.does("GET", "/v1/events")
    assert [each["subject"] for each in page["data"]] == [first]
    assert page["has_more"] is False
    onward = f"/v1/events?cursor={page['next_cursor']}"
    nothing = ada.does("GET", onward)
    assert (nothing["data"], nothing["next_cursor"]) == ([], page["next_cursor"])
    second = apply(ada)
    assert [each["subject"] for each in ada.does("GET", onward)["data"]] == [second]
    of_one = ada.does("GET", f"/v1/events?subject={second}")["data"]
    assert [each["subject"] for each in of_one] == [second]


def test_old_events_go_and_the_sequence_of_their_resource_goes_on(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    endpoint = listen(ada, receiver)
    application = apply(ada)
    ada.does("PATCH", f"/v1/applications/{application}", {"stage": "screening"})
    service.do_jobs(settings)
    with service.clock.later(timedelta(days=31)):
        service.do_jobs(settings)
        assert deliveries(ada, endpoint) == []
        kept = ada.does("GET", "/v1/events")["data"]
        assert [each["sequence"] for each in kept] == [2]
        ada.does("PATCH", f"/v1/applications/{application}", {"stage": "first"})
        told = ada.does("GET", f"/v1/events?subject={application}")["data"]
        assert [each["sequence"] for each in told] == [2, 3]


@pytest.mark.parametrize(
    "url",
    ["https://10.0.0.1/x", "ftp://receiver.example/", "https://user@receiver.example/", "https://"],
)
def test_what_cannot_be_a_target_is_refused_with_the_reason(ada: Person, url: str) -> None:
    problem = ada.fails("POST", "/v1/webhook-endpoints", {"url": url})
    assert problem["code"] == "invalid_target_url"
    assert problem["errors"][0]["pointer"] == "#/url"
    assert ada.does("GET", "/v1/webhook-endpoints")["data"] == []


def test_there_is_an_end_to_endpoints(ada: Person, receiver: Receiver) -> None:
    for _ in range(50):
        listen(ada, receiver)
    problem = ada.fails("POST", "/v1/webhook-endpoints", {"url": receiver.url})
    assert problem["code"] == "too_many_endpoints"


def test_an_endpoint_that_was_deleted_is_told_nothing(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    endpoint = listen(ada, receiver)
    apply(ada)
    ada.does("DELETE", f"/v1/webhook-endpoints/{endpoint['id']}")
    service.do_jobs(settings)
    assert receiver.received == []


def test_other_words_have_not_been_acknowledged(service: Service, ada: Person) -> None:
    recruiter = service.person(Role.RECRUITER, ada.workspace_id)
    interview = held(ada, apply(ada, shared_with=recruiter.member_id))
    heard = {"direction": "recruiter_to_candidate", "audience": "recruiter", "text": "Well done."}
    made = recruiter.does("POST", f"/v1/interviews/{interview}/feedback", heard)
    assert made["written_by"] == recruiter.member_id
    path = f"/v1/feedback/{made['id']}"
    assert ada.does("POST", f"{path}/acknowledgement")["acknowledged_at"]
    assert recruiter.does("PATCH", path, {"text": "Well done."})["acknowledged_at"]
    assert recruiter.does("PATCH", path, {"text": "Not so well."})["acknowledged_at"] is None


def test_a_replay_goes_forwards(ada: Person) -> None:
    wanted = {"url": "http://127.0.0.1:9/", "event_types": ["application.created"]}
    endpoint = ada.does("POST", "/v1/webhook-endpoints", wanted)["id"]
    backwards = {"since": "2026-11-02T00:00:00Z", "until": "2026-11-01T00:00:00Z"}
    problem = ada.fails("POST", f"/v1/webhook-endpoints/{endpoint}/replays", backwards)
    assert [fault["pointer"] for fault in problem["errors"]] == ["#/until"]


def test_a_recruiter_s_numbers_tell_nothing_of_what_is_private(
    service: Service, settings: Settings, ada: Person, receiver: Receiver
) -> None:
    recruiter = service.person(Role.RECRUITER, ada.workspace_id)
    application = apply(ada, shared_with=recruiter.member_id)
    path = f"/v1/applications/{application}"
    listen(recruiter, receiver)
    for _ in range(2):
        interview = held(ada, application)
        sheet = {"signals": {"conversational": "clearly", "rambled": "absent"}}
        ada.does("PUT", f"/v1/interviews/{interview}/signals", sheet)
        ada.does("PATCH", path, {"interest": "high"})
        ada.does("PATCH", path, {"interest": "low"})
    ada.does("PATCH", path, {"shared_with": None})
    ada.does("PATCH", path, {"interest": "high"})  # nobody else hears of it
    ada.does("PATCH", path, {"shared_with": recruiter.member_id})
    ada.does("PATCH", path, {"interest": "low"})
    service.do_jobs(settings)

    def numbers(person: Person) -> list[int]:
        told = person.does("GET", f"/v1/events?subject={application}&limit=100")["data"]
        return [each["sequence"] for each in told]

    assert numbers(recruiter) == list(range(1, len(numbers(recruiter)) + 1))
    assert numbers(ada) == list(range(1, len(numbers(ada)) + 1))
    assert len(numbers(recruiter)) == len(numbers(ada)) - 3  # two estimates, one interest
    sent = [each.message["data"] for each in receiver.received]
    of_it = [each["sequence"] for each in sent if each["subject"] == application]
    assert of_it == numbers(recruiter)[-len(of_it) :]
    with service.clock.later(timedelta(days=31)):
        service.do_jobs(settings)
        (last,) = numbers(recruiter)
        ada.does("PATCH", path, {"interest": "high"})
        assert numbers(recruiter) == [last, last + 1]


def test_counting_on_for_a_former_recruiter_shows_a_candidate_nothing_old(
    service: Service, settings: Settings, ada: Person
) -> None:
    first, second = (service.person(Role.RECRUITER, ada.workspace_id) for _ in range(2))
    path = f"/v1/applications/{apply(ada, shared_with=first.member_id)}"
    for recruiter in (first, second):
        ada.does("PATCH", path, {"shared_with": recruiter.member_id})
        for interest in ("high", "low"):
            ada.does("PATCH", path, {"interest": interest})
    told = [each["sequence"] for each in first.does("GET", "/v1/events")["data"]]
    service.do_jobs(settings)
    with service.clock.later(timedelta(days=31)):
        service.do_jobs(settings)
        (kept,) = ada.does("GET", "/v1/events")["data"]
        assert first.does("GET", "/v1/events")["data"] == []
        ada.does("PATCH", path, {"shared_with": first.member_id})
        seen = [each["sequence"] for each in ada.does("GET", "/v1/events")["data"]]
        assert seen[:2] == [kept["sequence"], kept["sequence"] + 1]
        (new,) = first.does("GET", "/v1/events")["data"]
        assert new["sequence"] == told[-1] + 1


def test_an_event_of_the_version_before_is_told_with_the_number_it_has(
    service: Service, ada: Person
) -> None:
    recruiter = service.person(Role.RECRUITER, ada.workspace_id)
    path = f"/v1/applications/{apply(ada, shared_with=recruiter.member_id)}"
    before = recruiter.does("GET", "/v1/events")["data"]
    own = EventRow.table()
    forget = update(own).where(own.c.workspace_id == ada.workspace_id)

    def age(session: WriteSession) -> None:
        session.connection.execute(forget.values(recruiter_sequence=None))

    service.runner.write_sync(system_caller(ada.workspace_id), age)
    assert [each["sequence"] for each in recruiter.does("GET", "/v1/events")["data"]] == [
        each["sequence"] for each in ada.does("GET", "/v1/events")["data"]
    ][-len(before) :]
    ada.does("PATCH", path, {"interest": "high"})
    recruiter.does("GET", "/v1/events")
