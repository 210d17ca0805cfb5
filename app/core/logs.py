"""Logs: one line for each thing worth knowing, with the id of its request and never a secret.

A line names method, path and status. It never holds a query, a body or a header:
what people wrote, and the keys they hold, do not belong in a log.
"""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from app.core.settings import Settings

current_request: ContextVar[str] = ContextVar("current_request", default="")

_TOLD = ("method", "path", "status", "microseconds")


class JsonLines(logging.Formatter):
    """Each record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := current_request.get():
            line["request_id"] = request_id
        line |= {name: getattr(record, name) for name in _TOLD if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up(settings: Settings) -> None:
    """Write logs to standard error, in the form and as fully as the settings ask."""
    handler = logging.StreamHandler()
    text = "%(levelname)s %(name)s: %(message)s"
    handler.setFormatter(JsonLines() if settings.log_format == "json" else logging.Formatter(text))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    if settings.log_requests:
        logging.getLogger("debrief.requests").setLevel(logging.INFO)
