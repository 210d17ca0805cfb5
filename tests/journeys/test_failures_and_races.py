"""Days on which things go wrong: what was answered is there, and nothing is half there."""

import asyncio
import random
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from app.accounts.models import MemberRow
from app.core.config.settings import Settings
from app.core.persistence.base import Base
from app.core.persistence.tenancy import system_caller
from app.core.problems import Conflict
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS
from app.core.unit_of_work.session import WriteSession
from app.main import build_runner
from tests.support.servers import SECRET, serving
from tests.support.service import Person, Service

WANTED = {"company": {"name": "Tidemark"}, "job_title": "Engineer"}
WRITERS = 64

# A row that has no parent is noticed only when the transaction is committed.
ORPHANS = """CREATE TABLE orphans (id INTEGER PRIMARY KEY,
    parent INTEGER REFERENCES orphans (id) DEFERRABLE INITIALLY DEFERRED)"""
SABOTAGE_SQLITE = """CREATE TRIGGER sabotage AFTER INSERT ON events
    BEGIN INSERT INTO orphans (parent) VALUES (0); END"""
SABOTAGE_FUNCTION = """CREATE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO orphans VALUES (1, 0); RETURN NEW; END $$"""
SABOTAGE_POSTGRESQL = """CREATE TRIGGER sabotage AFTER INSERT ON events
    FOR EACH ROW EXECUTE FUNCTION sabotage()"""
DAMAGE = {
    "sqlite": [ORPHANS, SABOTAGE_SQLITE],
    "postgresql": [ORPHANS, SABOTAGE_FUNCTION, SABOTAGE_POSTGRESQL],
}
REPAIR = {
    "sqlite": ["DROP TRIGGER sabotage", "DROP TABLE orphans"],
    "postgresql": [
        "DROP TRIGGER sabotage ON events",
        "DROP FUNCTION sabotage",
        "DROP TABLE orphans",
    ],
}


@pytest.fixture
def ada(service: Service) -> Person:
    return service.candidate()


def on_writer(service: Service, work: Callable[[Connection], Any]) -> Any:
    return service.runner.database.writers.run_sync(work)


@contextmanager
def commits_failing(service: Service) -> Iterator[None]:
    on_writer(service, lambda connection: run_all(connection, DAMAGE))
    try:
        yield
    finally:
        on_writer(service, lambda connection: run_all(connection, REPAIR))


def run_all(connection: Connection, statements: dict[str, list[str]]) -> None:
    for statement in statements[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def rows(service: Service, person: Person) -> dict[str, int]:
    """Count the rows of this person's workspace in every table."""

    def count(connection: Connection) -> dict[str, int]:
        service.runner.database.set_workspace(connection, person.workspace_id)
        return {
            name: connection.execute(
                select(func.count()).where(table.c.workspace_id == person.workspace_id)
            ).scalar_one()
            for name, table in Base.metadata.tables.items()
            if "workspace_id" in table.columns
        }

    found: dict[str, int] = on_writer(service, count)
    return found


def test_a_commit_that_fails_answers_500_and_leaves_nothing(service: Service, ada: Person) -> None:
    before = rows(service, ada)
    with commits_failing(service):
        problem = ada.fails("POST", "/v1/applications", WANTED)
    assert (problem["status"], problem["code"]) == (500, "internal_error")
    assert problem["request_id"].startswith("req_")
    assert "orphans" not in str(problem)
    assert rows(service, ada) == before
    assert ada.does("POST", "/v1/applications", WANTED)


def test_who_finds_it_taken_on_every_try_is_told_so(service: Service, ada: Person) -> None:
    def take_twice(session: WriteSession) -> None:
        taken = session.add(MemberRow, name="one", role="candidate")
        session.add(MemberRow, id=taken, name="two", role="candidate")

    before = rows(service, ada)
    unit = service.runner.bind_write(system_caller(ada.workspace_id), NO_PRECONDITIONS, take_twice)
    with pytest.raises(Conflict):
        asyncio.run(service.runner.write(unit))
    assert rows(service, ada) == before


def test_a_failure_in_the_middle_leaves_nothing(
    service: Service, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(service, ada)

    def fail(*_: object) -> None:
        message = "the disk is on fire"
        raise RuntimeError(message)

    monkeypatch.setattr("app.tracking.applications.service.show", fail)
    problem = ada.fails("POST", "/v1/applications", WANTED)
    assert problem["code"] == "internal_error"
    assert "fire" not in str(problem)
    assert rows(service, ada) == before


def test_64_writers_who_name_the_same_new_company_share_it(service: Service, ada: Person) -> None:
    def apply(number: int) -> str:
        name = "Tidemark Analytics" if number % 2 else "TIDEMARK  analytics"
        wanted = {"company": {"name": name}, "job_title": f"Engineer {number}"}
        made: str = ada.does("POST", "/v1/applications", wanted)["company"]["id"]
        return made

    with ThreadPoolExecutor(8) as writers:
        companies = list(writers.map(apply, range(WRITERS)))
    assert len(set(companies)) == 1
    counted = rows(service, ada)
    assert (counted["companies"], counted["applications"]) == (1, WRITERS)


def test_of_two_outcomes_at_once_one_is_recorded(ada: Person) -> None:
    path = f"/v1/applications/{ada.does('POST', '/v1/applications', WANTED)['id']}/outcome"
    outcomes = ["offer", "no_offer", "no_response", "withdrawn"] * 4
    with ThreadPoolExecutor(8) as callers:
        answers = list(
            callers.map(lambda outcome: ada("PUT", path, json={"outcome": outcome}), outcomes)
        )
    accepted = {answer.json()["outcome"] for answer in answers if answer.is_success}
    assert accepted == {ada.does("GET", path)["outcome"]}
    refused = [answer.json()["code"] for answer in answers if answer.is_error]
    assert refused == ["outcome_already_recorded"] * 12


# --- kill -9 -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moment:
    """When a server is to be killed: once so much was answered, and the next is under way."""

    answers: int
    has_come: threading.Event = field(default_factory=threading.Event)


def write_until_it_dies(address: str, key: str, made: list[str], moment: Moment) -> None:
    """Write applications with an interview and its signals; keep the ids of what was answered."""
    began_with = len(made)
    with httpx2.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}) as client:
        try:
            while True:
                application = client.post("/v1/applications", json=WANTED).json()["id"]
                made.append(f"/v1/applications/{application}")
                interview = {"round": "first", "format": "video"} | {
                    "starts_at": "2026-11-02T10:00:00Z",
                    "planned_minutes": 45,
                }
                path = f"/v1/applications/{application}/interviews"
                held = client.post(path, json=interview).json()["id"]
                sheet = {"signals": {"conversational": "clearly"}}
                path = f"/v1/interviews/{held}/signals"
                client.put(path, json=sheet, headers={"If-Match": "*"}).raise_for_status()
                made.append(path)
                if len(made) - began_with >= moment.answers:
                    moment.has_come.set()
        except httpx2.TransportError:
            return


@pytest.mark.slow
def test_what_was_answered_outlives_kill_9(service: Service, settings: Settings) -> None:
    ada = service.candidate()
    made: list[str] = []
    moments = random.Random(9)  # noqa: S311 - a series to repeat, not a secret
    for _ in range(3):
        with serving(settings.database_url) as server:
            moment = Moment(answers=moments.randint(4, 40))
            told = (server.address, ada.key, made, moment)
            writer = threading.Thread(target=write_until_it_dies, args=told)
            writer.start()
            assert moment.has_come.wait(timeout=60)
            # Somewhere in the next few calls, not always at the same place of one.
            writer.join(moments.uniform(0, 0.02))
            server.process.send_signal(signal.SIGKILL)
            writer.join()
    assert len(made) > 10
    for path in made:
        ada.does("GET", path)
    counted = rows(service, ada)
    assert counted["estimates"] == counted["signal_sheets"]
    facts = counted["applications"] + counted["interviews"] + counted["signal_sheets"]
    # Each of the three is told by a fact; each interview moved its application's stage besides.
    # So did each estimate that followed.
    assert counted["events"] == facts + counted["stage_changes"] + counted["estimates"]


def test_a_connection_that_dies_in_a_transaction_is_replaced(postgresql_url: str) -> None:
    runner = build_runner(Settings(database_url=postgresql_url, secret=SECRET))
    writers = runner.database.writers

    def die(connection: Connection) -> None:
        with writers.transaction(connection):
            connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    for _ in range(writers.threads):
        with pytest.raises(DBAPIError):
            writers.run_sync(die)
    for _ in range(2 * writers.threads):
        assert writers.run_sync(lambda each: each.exec_driver_sql("SELECT 1").scalar_one()) == 1
    runner.database.close()
