"""Logs: one line for each thing worth knowing, with the id of its request and never a secret.

A line names method, path and status. It never holds a query, a body or a header:
what people wrote, and the keys they hold, do not belong in a log. Nor does what an
exception says, for a database and a validator both quote what they refused; its
type and the place it came from are told instead.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from traceback import format_tb
from typing import Any

from opentelemetry.trace import get_current_span
from sqlalchemy.exc import DBAPIError

from app.core.config.settings import Settings

current_request: ContextVar[str] = ContextVar("current_request", default="")

_TOLD = ("method", "path", "status", "microseconds")
_API_KEY = re.compile(r"dbk_(live|test)_\w+")
_ACCESS_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
# What would begin another line, or speak to a terminal: a path may hold any of it.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}


class RedactingFormatter(logging.Formatter):
    """What both forms have in common: nothing secret, and nothing that looks like another line."""

    def __init__(self, *, quotes_exceptions: bool = False) -> None:
        super().__init__()
        self._quotes_exceptions = quotes_exceptions

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and no API key or access token in it wherever it came from."""
        return _ACCESS_TOKEN.sub("eyJ…", _API_KEY.sub(r"dbk_\1_…", self._line(record)))

    def _line(self, record: logging.LogRecord) -> str:
        raise NotImplementedError

    def _failure(self, record: logging.LogRecord) -> str:
        if not record.exc_info or record.exc_info[1] is None:
            return ""
        if self._quotes_exceptions:
            return self.formatException(record.exc_info)
        return "".join(_unquoted(record.exc_info[1])).rstrip()


class JsonFormatter(RedactingFormatter):
    """Each record as one JSON object on one line."""

    def _line(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := current_request.get():
            line["request_id"] = request_id
        span = get_current_span().get_span_context()
        if span.is_valid:
            line |= {"trace_id": f"{span.trace_id:032x}", "span_id": f"{span.span_id:016x}"}
        line |= {name: getattr(record, name) for name in _TOLD if hasattr(record, name)}
        if failure := self._failure(record):
            line["exception"] = failure
        return json.dumps(line, ensure_ascii=False)


class TextFormatter(RedactingFormatter):
    """Each record as a line for people, with where an exception came from below it."""

    def _line(self, record: logging.LogRecord) -> str:
        request_id = current_request.get()
        told = [record.levelname, f"{record.name}:", record.getMessage().translate(_CONTROLS)]
        if request_id:
            told.append(f"[{request_id}]")
        failure = self._failure(record)
        return " ".join(told) + (f"\n{failure}" if failure else "")


def configure_logging(settings: Settings) -> None:
    """Write every logger's lines to standard error, in the form and as fully as is set."""
    form = JsonFormatter if settings.log_format == "json" else TextFormatter
    handler = logging.StreamHandler()
    handler.setFormatter(form(quotes_exceptions=settings.log_exception_text))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    # Below this level SQLAlchemy writes down the rows it reads.
    logging.getLogger("sqlalchemy.engine").setLevel(
        max(logging.INFO, logging.getLogger().getEffectiveLevel())
    )
    logging.getLogger("debrief.requests").setLevel(
        logging.INFO if settings.log_requests else logging.WARNING
    )


def _unquoted(error: BaseException) -> Iterator[str]:
    """Tell an exception and what led to it, by types and places, without a word of theirs."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _unquoted(earlier)
        yield "which led to\n"
    yield from format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}{_cause_code(error)}\n"
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _unquoted(member)


def _cause_code(error: BaseException) -> str:
    """Return the database's own code for what went wrong, which names no values."""
    if not isinstance(error, DBAPIError):
        return ""
    orig = error.orig
    code = getattr(orig, "sqlstate", None) or getattr(orig, "sqlite_errorname", None)
    constraint = getattr(getattr(orig, "diag", None), "constraint_name", None)
    return " (" + ", ".join(str(each) for each in (code, constraint) if each) + ")"
