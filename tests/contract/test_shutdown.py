"""Stopping: whoever is served is served to the end, and nobody holds the process up for ever."""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from httpx2 import Client, Response
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from app.core.config.settings import Settings
from app.core.persistence.pools import database_url
from tests.support.response_checks import check_response
from tests.support.servers import Running, serving
from tests.support.service import Person, Service

APPLICATION = {"company": {"name": "Northwind Labs"}, "job_title": "Engineer"}
PATIENCE_SECONDS = 120  # what takes longer than this has no end


@dataclass
class Call:
    """A call in a thread of its own, and what came of it."""

    running: Running
    person: Person
    answer: Response | None = None
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._make)
        self.thread.start()

    def _make(self) -> None:
        headers = {"Authorization": f"Bearer {self.person.key}"}
        with Client(base_url=self.running.address, timeout=PATIENCE_SECONDS) as client:
            self.answer = client.post("/v1/applications", json=APPLICATION, headers=headers)


@contextmanager
def writing_held_up(settings: Settings) -> Iterator[Connection]:
    """Keep everybody else from writing for the length of a block."""
    engine = create_engine(database_url(settings), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if settings.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("BEGIN")
            connection.execute(text("LOCK TABLE applications IN EXCLUSIVE MODE"))
        yield connection
        connection.exec_driver_sql("ROLLBACK")


def wait_until_at_work(running: Running) -> None:
    """Return once a unit of work is at the database; the metrics tell."""
    with Client() as client:
        for _ in range(10_000):
            told = client.get(running.metrics).text
            if 'debrief_db_in_progress{pool="write"} 1.0' in told:
                return
            if 'debrief_db_in_progress{pool="postgresql"} 1.0' in told:
                return
    pytest.fail("the call never came to the database")


def wait_until_closed(running: Running) -> None:
    """Return once nobody is let in any more."""
    there = urlsplit(running.address)
    while running.process.poll() is None:
        try:
            socket.create_connection((str(there.hostname), there.port or 0)).close()
        except ConnectionRefusedError:
            return
        except ConnectionResetError:
            continue  # it was closed while we stood in its queue: ask once more


@pytest.mark.slow
def test_a_call_under_way_is_answered_and_its_change_kept(
    settings: Settings, service: Service
) -> None:
    ada = service.candidate()
    with serving(
        settings.database_url, metrics_port=0, key_cache_seconds=60, worker=False
    ) as running:
        with writing_held_up(settings):
            call = Call(running, ada)
            wait_until_at_work(running)
            running.process.terminate()
            wait_until_closed(running)
        call.thread.join(PATIENCE_SECONDS)
        assert running.process.wait(PATIENCE_SECONDS) == -signal.SIGTERM
    assert call.answer is not None
    assert call.answer.status_code == 201
    assert ada.does("GET", call.answer.headers["location"])["id"] == call.answer.json()["id"]


@pytest.mark.slow
def test_a_call_that_does_not_end_is_broken_off(settings: Settings, service: Service) -> None:
    ada = service.candidate()
    with (
        serving(
            settings.database_url, metrics_port=0, shutdown_timeout_seconds=1, worker=False
        ) as running,
        writing_held_up(settings),
    ):
        call = Call(running, ada)
        wait_until_at_work(running)
        running.process.terminate()
        assert running.process.wait(PATIENCE_SECONDS) == -signal.SIGTERM
        call.thread.join(PATIENCE_SECONDS)
    assert call.answer is not None
    check_response(call.answer)
    assert (call.answer.status_code, call.answer.json()["code"]) == (503, "shutting_down")
    assert ada.does("GET", "/v1/applications")["data"] == []


@pytest.mark.slow
def test_told_to_stop_it_first_says_not_ready_and_still_takes_calls(
    settings: Settings, service: Service
) -> None:
    ada = service.candidate()
    with (
        serving(settings.database_url, drain_seconds=600) as running,
        Client(base_url=running.address, headers={"Authorization": f"Bearer {ada.key}"}) as client,
    ):
        assert client.get("/readyz").status_code == 200
        running.process.terminate()
        while client.get("/readyz").status_code == 200:
            pass
        assert client.get("/healthz").status_code == 200
        assert client.post("/v1/applications", json=APPLICATION).status_code == 201
        running.process.terminate()  # said twice, it is meant now
        assert running.process.wait(PATIENCE_SECONDS) == -signal.SIGTERM


@pytest.mark.slow
def test_the_wait_for_load_balancers_comes_to_an_end(settings: Settings) -> None:
    with serving(settings.database_url, drain_seconds=1) as running:
        running.process.terminate()
        assert running.process.wait(PATIENCE_SECONDS) == -signal.SIGTERM
