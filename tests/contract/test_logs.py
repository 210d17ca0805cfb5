"""Logs: every line has its request's id, and none has what people wrote or hold."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from app.core.logs import JsonLines
from tests.people import Person, Service


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
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

    monkeypatch.setattr("app.applications.service.show", fail)
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
    monkeypatch.setattr("app.applications.service.show", fail)
    problem = ada.fails("GET", "/v1/applications/app_01k9a0zzzzdebr1ef0zzz00001")
    (failure,) = [line for line in read(lines) if line["level"] == "error"]
    assert failure["request_id"] == problem["request_id"]
    assert "unforeseen" in failure["exception"]
