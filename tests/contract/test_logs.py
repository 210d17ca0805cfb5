"""Logs: every line has its request's id, and none has what people wrote or hold."""

import io
import json
import logging
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Client
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.core.config.settings import Settings
from app.core.observability.log_format import JsonFormatter, TextFormatter, current_request
from app.core.persistence.pools import database_url
from tests.support.servers import SECRET, serving
from tests.support.service import Person, Service


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    log, requests = logging.getLogger("debrief"), logging.getLogger("debrief.requests")
    log.addHandler(handler)
    requests.setLevel(logging.INFO)
    yield written
    log.removeHandler(handler)
    requests.setLevel(logging.NOTSET)


def read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_request_is_one_line_with_the_id_of_its_answer(
    service: Service, lines: io.StringIO
) -> None:
    answer = service.candidate()("GET", "/v1/applications?company=Tidemark")
    (line,) = read(lines)
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/v1/applications", 200)
    assert line["microseconds"] > 0


def test_no_line_holds_a_key_a_query_or_what_was_written(
    service: Service, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = service.candidate()
    wanted = {"company": {"name": "Tidemark"}, "job_title": "Engineer", "notes": "too little pay"}
    ada.does("POST", "/v1/applications", wanted)
    ada.does("GET", "/v1/applications?company=Tidemark")
    made = ada.does("POST", "/v1/keys", {"name": "widget"})["text"]

    def fail(*_: object) -> None:
        message = "unforeseen"
        raise RuntimeError(message)

    monkeypatch.setattr("app.tracking.applications.service.show", fail)
    ada.fails("POST", "/v1/applications", wanted)
    assert [line["status"] for line in read(lines) if "status" in line] == [201, 200, 201, 500]
    for secret in (ada.key, made, "Tidemark", "too little pay"):
        assert secret not in lines.getvalue()


def test_a_failure_is_told_once_with_its_request(
    service: Service, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        message = "unforeseen"
        raise RuntimeError(message)

    ada: Person = service.candidate()
    monkeypatch.setattr("app.tracking.applications.service.show", fail)
    problem = ada.fails("GET", "/v1/applications/app_01k9a0zzzzdebr1ef0zzz00001")
    (failure,) = [line for line in read(lines) if line["level"] == "error"]
    assert failure["request_id"] == problem["request_id"]
    assert failure["exception"].splitlines()[-1] == "builtins.RuntimeError"
    assert "in fail" in failure["exception"]
    assert "unforeseen" not in failure["exception"]


def test_what_an_exception_says_is_written_where_that_is_asked_for() -> None:
    error = RuntimeError("unforeseen")
    record = logging.LogRecord("a", logging.ERROR, "", 0, "b", None, (RuntimeError, error, None))
    assert "unforeseen" not in JsonFormatter().format(record)
    assert "unforeseen" in JsonFormatter(quotes_exceptions=True).format(record)


def test_a_line_for_people_cannot_be_made_into_two_and_names_its_request() -> None:
    record = logging.LogRecord("a", logging.INFO, "", 0, "GET /x\nERROR forged\x1b[2J", None, None)
    in_request = copy_context()
    in_request.run(current_request.set, "req_1")
    line = in_request.run(TextFormatter().format, record)
    assert line == "INFO a: GET /x\\x0aERROR forged\\x1b[2J [req_1]"


def test_a_key_in_a_path_is_not_written_down(service: Service, lines: io.StringIO) -> None:
    ada = service.candidate()
    ada("GET", f"/v1/applications/{ada.key}")
    (line,) = read(lines)
    assert line["path"] == "/v1/applications/dbk_test_…"


def test_what_a_thread_of_the_database_says_names_the_request(
    service: Service, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell(*_: object) -> None:
        logging.getLogger("debrief").warning("from a thread")

    ada = service.candidate()
    monkeypatch.setattr("app.tracking.applications.service.show", tell)
    answer = ada("GET", "/v1/applications/app_01k9a0zzzzdebr1ef0zzz00001")
    (told,) = [line for line in read(lines) if line["message"] == "from a thread"]
    assert told["request_id"] == answer.headers["x-request-id"]


SECRETS = {
    "body": "Tidemark Quarry",
    "query": "Umberfield",
    "idempotency key": "idem-7f3a91",
    "header": "Basic c2VjcmV0LWhlYWRlcg==",
    "cookie": "biscuit-41",
}
APPLICATION = {"company": {"name": SECRETS["body"]}, "job_title": "E"}


@pytest.fixture
def broken_table(settings: Settings) -> Iterator[None]:
    """A table that refuses what is written into it, PostgreSQL by quoting the row."""
    trigger = (
        "CREATE TRIGGER refuse BEFORE INSERT ON companies BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    constraint = "ALTER TABLE companies ADD CONSTRAINT refuse CHECK (name = '') NOT VALID"
    engine = create_engine(database_url(settings), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(trigger if settings.is_sqlite else constraint))
    yield
    mended = "ALTER TABLE companies DROP CONSTRAINT refuse"
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER refuse" if settings.is_sqlite else mended))


@pytest.mark.slow
@pytest.mark.usefixtures("broken_table")
def test_no_line_at_any_level_holds_a_secret_whatever_goes_wrong(
    settings: Settings, service: Service, tmp_path: Path
) -> None:
    ada = service.candidate()
    log = tmp_path / "log"
    told = {"log_format": "json", "log_level": "debug", "log_requests": True}
    with serving(settings.database_url, log=log, **told) as running:
        headers = {
            "Authorization": f"Bearer {ada.key}",
            "Idempotency-Key": SECRETS["idempotency key"],
            "Cookie": SECRETS["cookie"],
            "X-Forwarded-Authorization": SECRETS["header"],
        }
        with Client(base_url=running.address, headers=headers) as client:
            failed = client.post("/v1/applications", json=APPLICATION)
            refused = client.post(f"/v1/applications?q={SECRETS['query']}", json=APPLICATION)
            made = client.post("/v1/keys", json={"name": SECRETS["body"]})
            listed = client.get("/v1/keys")
            client.get(f"/v1/keys/{ada.key}")
            client.post("/v1/applications", content=SECRETS["body"].encode())
            client.get("/v1/me", headers={"Authorization": SECRETS["header"]})
        assert [each.status_code for each in (failed, refused, made, listed)] == [
            500,
            422,
            201,
            200,
        ]
    written = log.read_text()
    for secret in (*SECRETS.values(), ada.key, made.json()["text"], SECRET):
        assert secret not in written
    lines = [json.loads(line) for line in written.splitlines()]
    assert {line["level"] for line in lines} >= {"info", "error"}
    assert {"uvicorn.error", "debrief", "debrief.requests", "sqlalchemy.engine.Engine"} <= {
        line["logger"] for line in lines
    }
    (failure,) = [line for line in lines if line["level"] == "error"]
    assert failure["request_id"] == failed.headers["x-request-id"] == failed.json()["request_id"]
    assert "sqlalchemy.exc.IntegrityError (" in failure["exception"]
    of_requests = [line for line in lines if line["logger"] == "debrief.requests"]
    statements = [line for line in lines if line["message"].startswith("INSERT INTO companies")]
    assert all(line["request_id"].startswith("req_") for line in of_requests + statements)
    assert len(of_requests) == 7
    assert statements
