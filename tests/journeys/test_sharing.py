"""A candidate opens one application to one recruiter."""

from app.core.tenancy import Role
from tests.people import Service


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
