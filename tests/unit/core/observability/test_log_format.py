"""Log lines: text and JSON, without secrets and without messages of exceptions."""

import json
import logging
import sys
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from app.core.observability.log_format import (
    JsonFormatter,
    RedactingFormatter,
    TextFormatter,
    current_request,
)

KEY = "dbk_live_abcDEF123_x9"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"


def record(message: str, *, error: BaseException | None = None, **fields: Any) -> logging.LogRecord:
    exc_info = None
    if error is not None:
        try:
            raise error
        except type(error):
            exc_info = sys.exc_info()
    made = logging.LogRecord("debrief", logging.WARNING, "x.py", 1, message, (), exc_info)
    vars(made).update(fields)
    return made


def test_a_json_line_has_the_fields_of_its_request() -> None:
    token = current_request.set("req-1")
    try:
        line = JsonFormatter().format(record("done", method="GET", path="/v1/me", status=200))
    finally:
        current_request.reset(token)
    content = json.loads(line)
    assert content.pop("at").endswith("+00:00")
    assert content == {
        "level": "warning",
        "logger": "debrief",
        "message": "done",
        "request_id": "req-1",
        "method": "GET",
        "path": "/v1/me",
        "status": 200,
    }


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_keys_and_tokens_are_redacted_wherever_they_come_from(
    formatter: RedactingFormatter,
) -> None:
    line = formatter.format(record(f"got {KEY} and {TOKEN}"))
    assert "abcDEF123" not in line
    assert "eyJzdWIiOiIxIn0" not in line


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_an_exception_is_logged_by_type_and_place_only(formatter: RedactingFormatter) -> None:
    cause = ValueError("private words")
    error = KeyError("more private words")
    error.__cause__ = cause
    line = formatter.format(record("failed", error=error))
    assert "private words" not in line
    assert "builtins.KeyError" in line
    assert "builtins.ValueError" in line
    assert "test_log_format.py" in line


def test_messages_of_exceptions_are_logged_when_the_setting_says_so() -> None:
    formatter = TextFormatter(quotes_exceptions=True)
    assert "private words" in formatter.format(record("failed", error=ValueError("private words")))


def test_of_a_database_error_the_code_is_logged() -> None:
    class RejectedError(Exception):
        sqlite_errorname = "SQLITE_CONSTRAINT_UNIQUE"

    error = IntegrityError("INSERT", {"name": "private words"}, RejectedError("private words"))
    line = TextFormatter().format(record("failed", error=error))
    assert "SQLITE_CONSTRAINT_UNIQUE" in line
    assert "private words" not in line


def test_a_text_line_stays_one_line() -> None:
    line = TextFormatter().format(record("a\nb\x1b[31m\u2028c"))
    assert "\n" not in line
    assert "\x1b" not in line
