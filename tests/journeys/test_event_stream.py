"""Live updates, heard by a client of another process, as people will."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from pydantic_core import from_json

from tests.support.servers import Running, make_key, serving

WANTED = {"company": {"name": "Tidemark"}, "job_title": "Engineer"}
PATIENCE_SECONDS = 120.0  # what takes longer than this does not happen


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """One server for all tests of this module; each has members of its own."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('streams')}/debrief.db"
    else:
        url = request.getfixturevalue("postgresql_url")
    with serving(url, "--migrate") as running:
        yield running


@dataclass
class Ear:
    """Somebody who listens, in a thread of their own."""

    server: Running
    key: str
    last: str | None = None
    heard: list[Any] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    is_open: threading.Event = field(default_factory=threading.Event)
    has_ended: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        """Hear until the stream ends."""
        headers = {"Authorization": f"Bearer {self.key}"}
        headers |= {"Last-Event-ID": self.last} if self.last else {}
        url = f"{self.server.address}/v1/events/stream"
        with httpx2.stream("GET", url, headers=headers, timeout=PATIENCE_SECONDS) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["content-type"].startswith("text/event-stream")
            for line in answer.iter_lines():
                self._take(line)
        self.has_ended.set()

    def _take(self, line: str) -> None:
        name, _, text = line.partition(": ")
        if name == "id":
            self.ids.append(text)
        if name == "data":
            self.heard.append(from_json(text))
        self.is_open.set()

    def waits_for(self, count: int) -> None:
        """Return once so much was heard; fail when it does not come."""
        until = time.monotonic() + PATIENCE_SECONDS
        while len(self.heard) < count:
            assert time.monotonic() < until, f"heard {self.heard}"
            time.sleep(0.01)


@contextmanager
def listening(server: Running, key: str, last: str | None = None) -> Iterator[Ear]:
    ear = Ear(server, key, last)
    thread = threading.Thread(target=ear.listen, daemon=True)
    thread.start()
    assert ear.is_open.wait(PATIENCE_SECONDS)
    yield ear


def call(server: Running, key: str, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {key}", "If-Match": "*"}
    answer = httpx2.request(method, f"{server.address}{path}", json=body, headers=headers)
    assert answer.is_success, answer.text
    return answer.json()


@pytest.mark.slow
def test_A1_what_happens_is_heard_as_it_happens_and_taken_up_again(server: Running) -> None:
    key = make_key(server.url, "candidate")
    with listening(server, key) as ear:
        first = call(server, key, "POST", "/v1/applications", WANTED)["id"]
        ear.waits_for(1)
    call(server, key, "PATCH", f"/v1/applications/{first}", {"stage": "screening"})
    second = call(server, key, "POST", "/v1/applications", WANTED)["id"]
    with listening(server, key, last=ear.ids[0]) as again:
        again.waits_for(2)
    told = [(each["type"], each["subject"], each["sequence"]) for each in again.heard]
    assert told == [("application.stage_changed", first, 2), ("application.created", second, 1)]


@pytest.mark.slow
def test_nobody_hears_what_is_another_s(server: Running) -> None:
    ada, ben = (make_key(server.url, "candidate") for _ in range(2))
    with listening(server, ada) as one, listening(server, ben) as other:
        mine = call(server, ada, "POST", "/v1/applications", WANTED)["id"]
        theirs = call(server, ben, "POST", "/v1/applications", WANTED)["id"]
        one.waits_for(1)
        other.waits_for(1)
    assert [each["subject"] for each in one.heard] == [mine]
    assert [each["subject"] for each in other.heard] == [theirs]


@pytest.mark.slow
def test_a_stream_ends_with_the_key_that_opened_it(own_url: str) -> None:
    with serving(own_url, "--migrate", key_cache_seconds=0) as server:
        key = make_key(server.url, "candidate")
        spare = call(server, key, "POST", "/v1/keys", {"name": "spare"})
        with listening(server, spare["text"]) as ear:
            call(server, key, "POST", f"/v1/keys/{spare['id']}/revocation")
            call(server, key, "POST", "/v1/applications", WANTED)
            assert ear.has_ended.wait(PATIENCE_SECONDS)
        assert ear.heard == []


@pytest.mark.slow
def test_streams_do_not_hold_up_a_server_that_stops(own_url: str) -> None:
    with serving(own_url, "--migrate") as server:
        key = make_key(server.url, "candidate")
        with listening(server, key) as ear:
            server.process.terminate()
            assert ear.has_ended.wait(PATIENCE_SECONDS)
            server.process.wait(PATIENCE_SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize("nobodys", ["evt_01k9a0zzzzdebr1ef0zzz00001", "evt_x", "zz"])
def test_an_event_that_nobody_knows_is_no_place_to_go_on_from(
    server: Running, nobodys: str
) -> None:
    key = make_key(server.url, "candidate")
    headers = {"Authorization": f"Bearer {key}", "Last-Event-ID": nobodys}
    answer = httpx2.get(f"{server.address}/v1/events/stream", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "event_unknown")


@pytest.mark.slow
def test_what_another_process_writes_is_heard_too(server: Running) -> None:
    key = make_key(server.url, "candidate")
    with serving(server.url) as other, listening(server, key) as ear:
        made = call(other, key, "POST", "/v1/applications", WANTED)["id"]
        ear.waits_for(1)
    assert [each["subject"] for each in ear.heard] == [made]
