"""The id of a request: the caller's own when it is harmless, else one of ours."""

from typing import Any

from starlette.types import Scope

from app.kit.ids import Ids

_KEY = "debrief.request_id"
_LONGEST = 64


def assign_request_id(scope: Scope, new_id: Ids) -> str:
    """Give the request its id and return it."""
    request_id = _given(scope) or new_id("req")
    scope[_KEY] = request_id
    return request_id


def request_id_of(scope: Scope | dict[str, Any]) -> str:
    """Return the id of the request."""
    return str(scope.get(_KEY, ""))


def _given(scope: Scope) -> str | None:
    """Return the caller's own id for the request, when it is one that is safe to log."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text: str = value.decode("latin-1")
            safe = text.isascii() and text.replace("-", "").replace("_", "").isalnum()
            return text if safe and len(text) <= _LONGEST else None
    return None
