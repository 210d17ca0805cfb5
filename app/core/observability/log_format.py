"""Logging: log lines as text or JSON, with the request id and without secrets or user content.

A line of a request holds its method, path and status, never its query, body or headers: these
contain user content and API keys. The messages of exceptions are left out too, because databases
and validators quote the values they reject. Their types and stack frames are logged instead.
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

_REQUEST_FIELDS = ("method", "path", "status", "microseconds")
_API_KEY = re.compile(r"dbk_(live|test)_\w+")
_ACCESS_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
# Characters that would start a new line or control a terminal; a path may contain any of them.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}


class RedactingFormatter(logging.Formatter):
    """Base of both formats: removes API keys, access tokens and messages of exceptions."""

    def __init__(self, *, quotes_exceptions: bool = False) -> None:
        super().__init__()
        self._quotes_exceptions = quotes_exceptions

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without API keys and access tokens, wherever they came from."""
        return _ACCESS_TOKEN.sub("eyJ…", _API_KEY.sub(r"dbk_\1_…", self._line(record)))

    def _line(self, record: logging.LogRecord) -> str:
        raise NotImplementedError

    def _exception(self, record: logging.LogRecord) -> str:
        if not record.exc_info or record.exc_info[1] is None:
            return ""
        if self._quotes_exceptions:
            return self.formatException(record.exc_info)
        return "".join(_without_messages(record.exc_info[1])).rstrip()


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
        line |= {name: getattr(record, name) for name in _REQUEST_FIELDS if hasattr(record, name)}
        if exception := self._exception(record):
            line["exception"] = exception
        return json.dumps(line, ensure_ascii=False)


class TextFormatter(RedactingFormatter):
    """Each record as one line of text, followed by the stack frames of its exception."""

    def _line(self, record: logging.LogRecord) -> str:
        request_id = current_request.get()
        parts = [record.levelname, f"{record.name}:", record.getMessage().translate(_CONTROLS)]
        if request_id:
            parts.append(f"[{request_id}]")
        exception = self._exception(record)
        return " ".join(parts) + (f"\n{exception}" if exception else "")


def configure_logging(settings: Settings) -> None:
    """Send the lines of all loggers to standard error, in the format and level of the settings."""
    formatter = JsonFormatter if settings.log_format == "json" else TextFormatter
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(quotes_exceptions=settings.log_exception_text))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    # Below this level SQLAlchemy logs the rows it reads.
    logging.getLogger("sqlalchemy.engine").setLevel(
        max(logging.INFO, logging.getLogger().getEffectiveLevel())
    )
    logging.getLogger("debrief.requests").setLevel(
        logging.INFO if settings.log_requests else logging.WARNING
    )


def _without_messages(error: BaseException) -> Iterator[str]:
    """Yield the types and stack frames of an exception and its causes, without their messages."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _without_messages(cause)
        yield "which led to\n"
    yield from format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}{_database_code(error)}\n"
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _without_messages(member)


def _database_code(error: BaseException) -> str:
    """Return the database's error code and constraint, which contain no values."""
    if not isinstance(error, DBAPIError):
        return ""
    orig = error.orig
    code = getattr(orig, "sqlstate", None) or getattr(orig, "sqlite_errorname", None)
    constraint = getattr(getattr(orig, "diag", None), "constraint_name", None)
    return " (" + ", ".join(str(part) for part in (code, constraint) if part) + ")"
