"""Quotas: told on every answer, kept for each member, shared by processes where there is Redis."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from httpx2 import get
from starlette.testclient import TestClient

from app.core.config.settings import Settings
from app.main import build_app, build_runner
from tests.support.servers import serving as running
from tests.support.service import MovableClock, Person, Service

ALLOWED = 5


@contextmanager
def serving(settings: Settings, **more: object) -> Iterator[Service]:
    clock = MovableClock()
    limited = settings.model_copy(update={"rate_limit_per_minute": ALLOWED, **more})
    runner = build_runner(limited, clock=clock)
    with Service(build_app(limited, runner), runner, clock) as running:
        yield running


@pytest.fixture
def ada(settings: Settings) -> Iterator[Person]:
    with serving(settings, key_cache_seconds=5) as service:
        yield service.candidate()


def left(headers: object) -> int:
    found = re.fullmatch(r'"default";r=(\d+);t=\d+', str(headers))
    assert found
    return int(found[1])


def test_every_answer_tells_how_many_calls_are_left(ada: Person) -> None:
    for number in range(ALLOWED):
        path = ("/v1/me", "/v1/nowhere", "/v1/applications/app_x")[number % 3]
        answer = ada("GET", path)
        assert answer.headers["ratelimit-policy"] == f'"default";q={ALLOWED};w=60'
        assert left(answer.headers["ratelimit"]) == ALLOWED - 1 - number


def test_one_call_too_many_is_refused_and_says_when_to_come_back(ada: Person) -> None:
    for _ in range(ALLOWED):
        ada.does("GET", "/v1/me")
    answer = ada("POST", "/v1/applications", json={})
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limit_exceeded")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert left(answer.headers["ratelimit"]) == 0
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


def test_what_is_answered_304_costs_nothing(ada: Person) -> None:
    tag = ada("GET", "/v1/me").headers["etag"]
    for _ in range(3 * ALLOWED):
        answer = ada("GET", "/v1/me", headers={"If-None-Match": tag})
        assert (answer.status_code, left(answer.headers["ratelimit"])) == (304, ALLOWED - 1)
    ada.does("GET", "/v1/me")


def test_a_second_key_of_the_same_member_shares_their_quota(settings: Settings) -> None:
    with serving(settings, key_cache_seconds=5) as service:
        ada = service.candidate()
        second = ada.does("POST", "/v1/keys", {"name": "second"})["text"]
        other = Person(ada.client, ada.workspace_id, ada.member_id, second)
        other("GET", "/v1/me")
        before = left(ada("GET", "/v1/me").headers["ratelimit"])
        assert left(other("GET", "/v1/me").headers["ratelimit"]) == before - 1


def test_guessing_at_keys_is_counted_to_the_address(settings: Settings) -> None:
    with serving(settings) as service:
        statuses = [
            service.client.get("/v1/me", headers={"Authorization": f"Bearer {n}"}).status_code
            for n in range(ALLOWED + 1)
        ]
        assert statuses == [401] * ALLOWED + [429]
        assert service.client.get("/healthz").status_code == 200


def test_a_count_that_cannot_be_kept_stops_nobody(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with serving(settings, rate_limit_url=f"redis://127.0.0.1:{port}/0") as service:
        answer = service.candidate()("GET", "/v1/me")
        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers


def test_processes_that_share_a_redis_share_the_count(settings: Settings) -> None:
    try:
        socket.create_connection(("127.0.0.1", 6379), timeout=0.2).close()
    except OSError:
        pytest.skip("no Redis here")
    with ExitStack() as both:
        url = "valkey://127.0.0.1:6379/15"
        one, two = (both.enter_context(serving(settings, rate_limit_url=url)) for _ in range(2))
        caller = {"Authorization": f"Bearer {uuid4()}"}
        before = left(one.client.get("/v1/me", headers=caller).headers["ratelimit"])
        assert left(two.client.get("/v1/me", headers=caller).headers["ratelimit"]) == before - 1


def test_strangers_at_the_same_address_cost_nobody_a_call(settings: Settings) -> None:
    with serving(settings) as service:
        ada = service.candidate()
        for _ in range(ALLOWED + 1):
            service.client.get("/v1/me")
        answer = ada("GET", "/v1/me")  # her very first call
        assert (answer.status_code, left(answer.headers["ratelimit"])) == (200, ALLOWED - 1)
        assert service.client.get("/problems").status_code == 429


def test_a_key_that_has_ended_counts_for_the_address(settings: Settings) -> None:
    with serving(settings) as service:
        ada = service.candidate()
        second = ada.does("POST", "/v1/keys", {"name": "second"})
        ada.does("POST", f"/v1/keys/{second['id']}/revocation")
        ended = Person(ada.client, ada.workspace_id, ada.member_id, second["text"])
        statuses = [ended("GET", "/v1/me").status_code for _ in range(ALLOWED + 1)]
        assert statuses == [401] * ALLOWED + [429]


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("2001:db8:1:2::3", "2001:db8:1:2:ffff::4", True),
        ("2001:db8:1:2::3", "2001:db8:1:3::3", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("no address", "no address", True),
    ],
)
def test_an_ipv6_household_is_one_address(
    settings: Settings, first: str, second: str, *, is_one: bool
) -> None:
    with serving(settings) as service:
        counts = []
        for address in (first, second):
            with TestClient(service.app, client=(address, 50_000)) as there:
                counts.append(left(there.get("/v1/me").headers["ratelimit"]))
        assert counts == [ALLOWED - 1, ALLOWED - 2 if is_one else ALLOWED - 1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trusted", "is_believed"), [("[]", False), ('["127.0.0.0/8"]', True), ('["10.0.0.1"]', False)]
)
def test_only_a_proxy_that_is_named_says_where_a_call_comes_from(
    tmp_path: Path, trusted: str, *, is_believed: bool
) -> None:
    url = f"sqlite:///{tmp_path}/debrief.db"
    with running(url, "--migrate", worker=False, trusted_proxies=trusted) as server:
        counts = [
            get(f"{server.address}/problems", headers={"X-Forwarded-For": address}).headers
            for address in ("192.0.2.1", "192.0.2.2")
        ]
        one, two = (left(headers["ratelimit"]) for headers in counts)
        assert (one == two) is is_believed
