"""Request ids: the client's `X-Request-Id` when it is safe to log, otherwise a new id."""

from typing import Any

from starlette.types import Scope

from app.kit.ids import Ids

_KEY = "debrief.request_id"
_MAX_LENGTH = 64


def assign_request_id(scope: Scope, new_id: Ids) -> str:
    """Store the id of the request in its scope and return it."""
    request_id = _client_request_id(scope) or new_id("req")
    scope[_KEY] = request_id
    return request_id


def request_id_of(scope: Scope | dict[str, Any]) -> str:
    """Return the id of the request."""
    return str(scope.get(_KEY, ""))


def _client_request_id(scope: Scope) -> str | None:
    """Return the id that the client sent, when it is safe to log."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text: str = value.decode("latin-1")
            is_safe = text.isascii() and text.replace("-", "").replace("_", "").isalnum()
            return text if is_safe and len(text) <= _MAX_LENGTH else None
    return None
