"""API keys over their whole life, by the API alone."""

import socket
import time
from datetime import timedelta

import httpx2
import pytest

from app.accounts.authentication import AUTHENTICATOR
from app.accounts.models import KeyRow
from app.core.config.settings import Settings
from app.core.http.idempotency_records import IdempotencyRecordRow
from app.core.persistence.tenancy import Role
from app.main import build_app, build_runner
from tests.support.servers import make_key, serving
from tests.support.service import MovableClock, Person, Service


@pytest.fixture
def ada(service: Service) -> Person:
    return service.candidate()


def holding(person: Person, text: str) -> Person:
    return Person(person.client, person.workspace_id, person.member_id, text)


def test_a_key_does_what_its_scopes_say_and_no_more(ada: Person) -> None:
    made = ada.does("POST", "/v1/keys", {"name": "widget", "scopes": ["applications:read"]})
    widget = holding(ada, made["text"])
    widget.does("GET", "/v1/applications")
    problem = widget.fails("POST", "/v1/applications", {})
    assert (problem["code"], problem["required_scopes"]) == (
        "insufficient_scope",
        ["applications:write"],
    )
    assert widget.fails("POST", "/v1/keys", {"name": "more"})["code"] == "insufficient_scope"


def test_nobody_hands_on_what_they_do_not_have(ada: Person) -> None:
    scopes = ["applications:read", "keys:manage"]
    small = holding(ada, ada.does("POST", "/v1/keys", {"name": "a", "scopes": scopes})["text"])
    wanted = {"name": "b", "scopes": ["debriefs:read"]}
    problem = small.fails("POST", "/v1/keys", wanted)
    assert (problem["status"], problem["code"]) == (403, "scope_not_given")
    assert set(small.does("POST", "/v1/keys", {"name": "c"})["scopes"]) == set(scopes)
    own = ada.does("GET", "/v1/me")["key"]
    assert small.fails("POST", f"/v1/keys/{own}/rotation", {})["code"] == "scope_not_given"


def test_a_key_ends_when_it_was_said_to(service: Service, ada: Person) -> None:
    ends = (service.clock() + timedelta(hours=1)).isoformat()
    made = ada.does("POST", "/v1/keys", {"name": "short", "expires_at": ends})
    short = holding(ada, made["text"])
    short.does("GET", "/v1/me")
    with service.clock.later(timedelta(hours=1, minutes=1)):
        assert short.fails("GET", "/v1/me")["code"] == "key_invalid"


def test_a_key_for_a_while_does_not_last_by_being_rotated(service: Service, ada: Person) -> None:
    ends = (service.clock() + timedelta(hours=1)).isoformat()
    old = ada.does("POST", "/v1/keys", {"name": "sync", "expires_at": ends})
    new = ada.does("POST", f"/v1/keys/{old['id']}/rotation", {"overlap_minutes": 30})
    assert new["expires_at"] == old["expires_at"]
    with service.clock.later(timedelta(minutes=61)):
        assert holding(ada, new["text"]).fails("GET", "/v1/me")["code"] == "key_invalid"


def test_a_rotated_key_and_the_next_overlap(service: Service, ada: Person) -> None:
    old = ada.does("POST", "/v1/keys", {"name": "sync", "scopes": ["guide:read"]})
    new = ada.does("POST", f"/v1/keys/{old['id']}/rotation", {"overlap_minutes": 30})
    assert (new["name"], new["scopes"]) == (old["name"], old["scopes"])
    assert new["text"] != old["text"]
    for made in (old, new):
        holding(ada, made["text"]).does("GET", "/v1/me")
    with service.clock.later(timedelta(minutes=31)):
        assert holding(ada, old["text"]).fails("GET", "/v1/me")["code"] == "key_invalid"
        holding(ada, new["text"]).does("GET", "/v1/me")
        again = ada.fails("POST", f"/v1/keys/{old['id']}/rotation", {})
        assert (again["status"], again["code"]) == (409, "key_ended")


def test_a_revoked_key_is_refused_at_once_and_stays_on_the_list(ada: Person) -> None:
    made = ada.does("POST", "/v1/keys", {"name": "lost laptop"})
    lost = holding(ada, made["text"])
    lost.does("GET", "/v1/me")
    revoked = ada.does("POST", f"/v1/keys/{made['id']}/revocation")
    assert revoked["revoked_at"]
    assert ada.does("POST", f"/v1/keys/{made['id']}/revocation") == revoked
    assert lost.fails("GET", "/v1/me")["code"] == "key_invalid"
    listed = {key["id"]: key for key in ada.does("GET", "/v1/keys")["data"]}
    assert listed[made["id"]]["revoked_at"] == revoked["revoked_at"]
    assert "text" not in listed[made["id"]]


def test_the_last_use_of_a_key_is_kept_to_the_minute(ada: Person) -> None:
    made = ada.does("POST", "/v1/keys", {"name": "sync"})
    assert made["last_used_at"] is None
    holding(ada, made["text"]).does("GET", "/v1/me")
    used = ada.does("GET", f"/v1/keys/{made['id']}")["last_used_at"]
    assert used.endswith(":00Z")


def test_a_key_is_seen_by_its_holder_and_administrators(service: Service, ada: Person) -> None:
    path = f"/v1/keys/{ada.does('POST', '/v1/keys', {'name': 'mine'})['id']}"
    others = [
        service.candidate(ada.workspace_id),
        service.person(Role.RECRUITER, ada.workspace_id),
        service.person(Role.ADMIN),
    ]
    for other in others:
        assert other.fails("GET", path)["code"] == "key_not_found"
        assert other.fails("POST", f"{path}/revocation")["code"] == "key_not_found"
        assert other.fails("POST", f"{path}/rotation", {})["code"] == "key_not_found"
    root = service.person(Role.ADMIN, ada.workspace_id)
    assert root.does("POST", f"{path}/revocation")["revoked_at"]


def test_an_administrator_lets_a_recruiter_in(service: Service, ada: Person) -> None:
    root = service.person(Role.ADMIN, ada.workspace_id)
    sam = root.does("POST", "/v1/members", {"name": "Sam Ellery", "role": "recruiter"})
    made = root.does("POST", "/v1/keys", {"name": "sam", "member": sam["id"]})
    me = holding(ada, made["text"]).does("GET", "/v1/me")
    assert (me["member"], me["role"]) == (sam["id"], "recruiter")
    assert [m["id"] for m in ada.does("GET", "/v1/members")["data"]] == [sam["id"]]
    assert ada.does("GET", f"/v1/members/{sam['id']}")["name"] == "Sam Ellery"


def test_only_an_administrator_makes_keys_for_others(service: Service, ada: Person) -> None:
    root = service.person(Role.ADMIN, ada.workspace_id)
    for_root = {"name": "x", "member": root.member_id}
    assert ada.fails("POST", "/v1/keys", for_root)["code"] == "key_for_another"
    elsewhere = {"name": "x", "member": service.candidate().member_id}
    assert root.fails("POST", "/v1/keys", elsewhere)["code"] == "member_not_found"


def test_a_repeated_call_gets_its_key_again_though_it_is_stored_nowhere_in_plain(
    service: Service, ada: Person
) -> None:
    told = {"Idempotency-Key": "a-key-for-the-widget"}
    first = ada.does("POST", "/v1/keys", {"name": "widget"}, headers=told)
    assert ada.does("POST", "/v1/keys", {"name": "widget"}, headers=told) == first
    secret = first["text"].split("_")[2].encode()

    def everything_kept(connection: object) -> bytes:
        service.runner.database.set_workspace(connection, ada.workspace_id)  # type: ignore[arg-type]
        found = b""
        for table in (IdempotencyRecordRow.table(), KeyRow.table()):
            rows = connection.execute(  # type: ignore[attr-defined]
                table.select().where(table.c.workspace_id == ada.workspace_id)
            )
            found += b"".join(
                value if isinstance(value, bytes) else str(value).encode()
                for row in rows
                for value in row
            )
        return found

    kept = service.runner.database.writers.run_sync(everything_kept)
    assert secret not in kept
    assert b"widget" in kept


def test_a_key_that_would_open_nothing_is_not_made(service: Service, ada: Person) -> None:
    for ago in (timedelta(days=400), timedelta(0)):
        passed = (service.clock() - ago).isoformat()
        problem = ada.fails("POST", "/v1/keys", {"name": "late", "expires_at": passed})
        (fault,) = problem["errors"]
        assert (fault["pointer"], fault["code"]) == ("#/expires_at", "in_the_past")
    assert len(ada.does("GET", "/v1/keys")["data"]) == 1


def test_a_key_says_who_made_it(service: Service, ada: Person) -> None:
    office = service.person(Role.ADMIN, ada.workspace_id)
    handed_out = ada.does("GET", "/v1/me")["key"]
    own = ada.does("POST", "/v1/keys", {"name": "own"})
    lent = office.does("POST", "/v1/keys", {"name": "lent", "member": ada.member_id})
    turned = office.does("POST", f"/v1/keys/{own['id']}/rotation", {})
    by = {key["id"]: key["created_by"] for key in ada.does("GET", "/v1/keys")["data"]}
    assert by == {
        handed_out: None,
        own["id"]: ada.member_id,
        lent["id"]: office.member_id,
        turned["id"]: office.member_id,
    }


def test_every_key_may_ask_who_it_is(ada: Person) -> None:
    made = ada.does("POST", "/v1/keys", {"name": "widget", "scopes": ["applications:read"]})
    me = holding(ada, made["text"]).does("GET", "/v1/me")
    assert (me["key"], me["scopes"]) == (made["id"], ["applications:read"])


def test_a_key_is_not_trusted_beyond_its_end(settings: Settings) -> None:
    clock = MovableClock()
    trusting = settings.model_copy(update={"key_cache_seconds": 300})
    runner = build_runner(trusting, clock=clock)
    with Service(build_app(trusting, runner), runner, clock) as service, clock.stopped():
        seconds = [0.0]
        AUTHENTICATOR.of({"app": service.app}).timer = lambda: seconds[0]
        ada = service.candidate()
        ends = (clock() + timedelta(seconds=60)).isoformat()
        made = ada.does("POST", "/v1/keys", {"name": "short", "expires_at": ends})
        short = holding(ada, made["text"])
        short.does("GET", "/v1/me")
        with clock.later(timedelta(seconds=61)):
            short.does("GET", "/v1/me")  # from the cache, whose time has not passed
            seconds[0] = 61
            assert short.fails("GET", "/v1/me")["code"] == "key_invalid"


def test_no_key_outlasts_the_one_it_was_made_with(service: Service, ada: Person) -> None:
    ends = service.clock() + timedelta(hours=1)
    made = ada.does("POST", "/v1/keys", {"name": "short", "expires_at": ends.isoformat()})
    short = holding(ada, made["text"])
    later = (ends + timedelta(seconds=1)).isoformat()
    problem = short.fails("POST", "/v1/keys", {"name": "long", "expires_at": later})
    assert [fault["code"] for fault in problem["errors"]] == ["after_your_own"]
    assert short.does("POST", "/v1/keys", {"name": "as long"})["expires_at"] == made["expires_at"]
    sooner = (ends - timedelta(minutes=1)).isoformat()
    short.does("POST", "/v1/keys", {"name": "shorter", "expires_at": sooner})
    own = ada.does("GET", "/v1/me")["key"]
    turned = short.does("POST", f"/v1/keys/{own}/rotation", {})
    assert turned["expires_at"] == made["expires_at"]


def test_who_cannot_have_a_scope_is_told_whose_keys_can(service: Service, ada: Person) -> None:
    recruiter = service.person(Role.RECRUITER, ada.workspace_id)
    problem = recruiter.fails("GET", "/v1/model")
    assert (problem["code"], problem["required_scopes"]) == ("insufficient_scope", ["model:read"])
    assert "candidate or admin" in problem["detail"]
    office = service.person(Role.ADMIN, ada.workspace_id)
    wanted = {"name": "a", "member": ada.member_id, "scopes": ["members:manage"]}
    (fault,) = office.fails("POST", "/v1/keys", wanted)["errors"]
    assert "candidate" in fault["detail"]


@pytest.mark.slow
def test_a_key_that_ends_before_the_body_is_there_opens_nothing(own_url: str) -> None:
    with serving(own_url, "--migrate", demo=True, worker=False) as server:
        office = {"Authorization": f"Bearer {make_key(own_url, 'admin')}"}
        told = {"Authorization": f"Bearer {make_key(own_url, 'candidate')}"}
        key = httpx2.get(f"{server.address}/v1/me", headers=told).json()["key"]
        body = b'{"name": "late"}'
        head = (
            "POST /v1/keys HTTP/1.1\r\nHost: debrief\r\nConnection: close\r\n"
            f"Authorization: {told['Authorization']}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        address = ("127.0.0.1", int(server.address.rpartition(":")[2]))
        with socket.create_connection(address, timeout=10) as line:
            line.sendall(head.encode())
            time.sleep(0.2)
            path = f"{server.address}/v1/keys/{key}/revocation"
            assert httpx2.post(path, headers=office).status_code == 200
            line.sendall(body)
            heard = b"".join(iter(lambda: line.recv(65_536), b""))
        assert heard.startswith(b"HTTP/1.1 401 Unauthorized")


@pytest.mark.parametrize("overlap", [0, 60, 1_440])
@pytest.mark.parametrize("hours", [None, 5])
def test_a_key_that_rotates_itself_is_followed_by_one_that_lasts_as_long(
    service: Service, ada: Person, overlap: int, hours: int | None
) -> None:
    ends = hours and (service.clock() + timedelta(hours=hours)).isoformat()
    old = ada.does("POST", "/v1/keys", {"name": "sync", "expires_at": ends})
    own = holding(ada, old["text"])
    new = own.does("POST", f"/v1/keys/{old['id']}/rotation", {"overlap_minutes": overlap})
    assert new["expires_at"] == old["expires_at"]
    holding(ada, new["text"]).does("GET", "/v1/me")
