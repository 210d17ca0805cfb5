"""Who sees what: a candidate's records are theirs, and a recruiter sees what was opened to them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.accounts.models import KeyRow
from app.core.persistence.tenancy import Role
from tests.support.service import Person, Service

NOBODYS = {
    "applications": "app_01k9a0zzzzdebr1ef0zzz00001",
    "interviews": "int_01k9a0zzzzdebr1ef0zzz00001",
    "feedback": "fb_01k9a0zzzzdebr1ef0zzz00001",
    "references": "ref_01k9a0zzzzdebr1ef0zzz00001",
}
PRIVATE_PARTS = {"notes": "not sure about the pay", "salary": {"minimum": 1, "currency": "GBP"}}
FEEDBACK = {"direction": "candidate_to_recruiter", "audience": "recruiter", "text": "Thank you."}


@pytest.fixture
def ada(service: Service) -> Person:
    return service.candidate()


def search(person: Person, **more: Any) -> dict[str, str]:
    """Enter an application with a held interview, its signals and a draft; return the paths."""
    wanted = {"company": {"name": "Tidemark"}, "job_title": "Engineer"} | PRIVATE_PARTS | more
    application = f"/v1/applications/{person.does('POST', '/v1/applications', wanted)['id']}"
    held = {"round": "first", "format": "video", "planned_minutes": 45, "notes": "a cold room"}
    held |= {"starts_at": "2026-11-02T10:00:00Z"}
    interview = person.does("POST", f"{application}/interviews", held)["id"]
    interview = f"/v1/interviews/{interview}"
    person.does("PUT", f"{interview}/signals", {"signals": {"rambled": "clearly"}})
    draft = person.does("POST", f"{interview}/feedback", FEEDBACK)["id"]
    speaks = {"referee": {"name": "Amara Nwosu"}, "note": "a friend, in truth"}
    reference = person.does("POST", f"{application}/references", speaks)["id"]
    return {
        "applications": application,
        "interviews": interview,
        "feedback": f"/v1/feedback/{draft}",
        "references": f"/v1/references/{reference}",
    }


def without_its_own(problem: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in problem.items() if k not in {"instance", "request_id"}}


@pytest.mark.parametrize("same_workspace", [True, False], ids=["a peer", "another workspace"])
@pytest.mark.parametrize("kind", list(NOBODYS))
def test_what_is_anothers_does_not_exist(
    service: Service, ada: Person, kind: str, *, same_workspace: bool
) -> None:
    bob = service.candidate(ada.workspace_id if same_workspace else None)
    path = search(ada)[kind]
    for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
        theirs = bob.fails(method, path, body)
        nobodys = bob.fails(method, f"/v1/{kind}/{NOBODYS[kind]}", body)
        assert theirs["status"] == 404
        assert without_its_own(theirs) == without_its_own(nobodys)
    ada.does("GET", path)


def test_a_list_and_its_filters_show_nothing_of_a_peer(service: Service, ada: Person) -> None:
    search(ada)
    peer = service.candidate(ada.workspace_id)
    company = ada.does("GET", "/v1/applications")["data"][0]["company"]["id"]
    for query in ("", "?company=Tidemark", f"?company={company}", "?status=active"):
        assert peer.does("GET", f"/v1/applications{query}")["data"] == []


def test_a_recruiter_reads_of_an_opened_application_nothing_that_is_private(
    service: Service, ada: Person
) -> None:
    sam = service.person(Role.RECRUITER, ada.workspace_id)
    paths = search(ada, shared_with=sam.member_id)
    application = sam.does("GET", paths["applications"])
    assert [application[name] for name in PRIVATE_PARTS] == [None, None]
    interview = sam.does("GET", paths["interviews"])
    assert interview["round"] == "first"
    assert interview["notes"] is None
    for path in ("estimate", "estimates", "assessment"):
        assert sam.fails("GET", f"{paths['applications']}/{path}")["code"] == "insufficient_scope"
    assert sam.fails("GET", f"{paths['interviews']}/signals")["code"] == "insufficient_scope"
    assert sam.fails("PATCH", paths["applications"], {})["code"] == "insufficient_scope"


def test_a_recruiter_reads_feedback_once_it_is_sent(service: Service, ada: Person) -> None:
    sam = service.person(Role.RECRUITER, ada.workspace_id)
    paths = search(ada, shared_with=sam.member_id)
    assert sam.fails("GET", paths["feedback"])["status"] == 404
    assert sam.does("GET", f"{paths['interviews']}/feedback")["data"] == []
    ada.does("POST", f"{paths['feedback']}/dispatch")
    assert sam.does("GET", paths["feedback"])["text"] == FEEDBACK["text"]


def test_an_administrator_reads_no_candidates_records(service: Service, ada: Person) -> None:
    paths = search(ada)
    root = service.person(Role.ADMIN, ada.workspace_id)
    for path in (*paths.values(), "/v1/applications"):
        assert root.fails("GET", path)["code"] == "insufficient_scope"


def test_an_application_closed_again_to_a_recruiter_is_gone_for_them(
    service: Service, ada: Person
) -> None:
    sam = service.person(Role.RECRUITER, ada.workspace_id)
    paths = search(ada, shared_with=sam.member_id)
    ada.does("PATCH", paths["applications"], {"shared_with": None})
    for kind in ("applications", "interviews"):
        assert sam.fails("GET", paths[kind])["status"] == 404


@pytest.mark.parametrize("column", ["expires_at", "revoked_at"])
def test_a_key_that_has_ended_opens_nothing(service: Service, ada: Person, column: str) -> None:
    runner = service.runner
    ended = update(KeyRow.table()).where(
        KeyRow.workspace_id == ada.workspace_id, KeyRow.member_id == ada.member_id
    )
    past = runner.clock() - timedelta(seconds=1)
    runner.database.writers.run_sync(
        lambda connection: connection.execute(ended.values({column: past}))
    )
    answer = ada("GET", "/v1/applications")
    assert (answer.status_code, answer.json()["code"]) == (401, "key_invalid")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_an_application_opened_to_a_recruiter_is_seen_by_that_recruiter_alone(
    service: Service,
) -> None:
    ada = service.candidate()
    sam = service.person(Role.RECRUITER, ada.workspace_id)
    tom = service.person(Role.RECRUITER, ada.workspace_id)
    wanted = {"company": {"name": "Tidemark"}, "job_title": "Engineer", "notes": "not sure yet"}
    private = ada.does("POST", "/v1/applications", wanted)
    opened = ada.does("POST", "/v1/applications", wanted | {"shared_with": sam.member_id})

    seen = sam.does("GET", "/v1/applications")["data"]
    assert [application["id"] for application in seen] == [opened["id"]]
    assert seen[0]["job_title"] == "Engineer"
    assert seen[0]["notes"] is None
    assert tom.does("GET", "/v1/applications")["data"] == []
    assert sam.fails("GET", f"/v1/applications/{private['id']}")["status"] == 404


def test_an_application_is_opened_to_recruiters_of_the_same_workspace_only(
    service: Service,
) -> None:
    ada, bob = service.candidate(), service.candidate()
    wanted = {"company": {"name": "Tidemark"}, "job_title": "Engineer"}
    elsewhere = service.person(Role.RECRUITER, bob.workspace_id)
    peer = service.candidate(ada.workspace_id)
    for member in (elsewhere, peer):
        body = wanted | {"shared_with": member.member_id}
        assert ada.fails("POST", "/v1/applications", body)["code"] == "recruiter_unknown"
    assert ada.does("GET", "/v1/applications")["data"] == []
