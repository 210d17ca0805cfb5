"""Request validation beyond the schemas: query parameters, content type and duplicate names."""

import json
from codecs import BOM_UTF8
from collections import Counter
from typing import Any

from fastapi import Request

from app.core.problems import FieldError, InvalidInput

_EMPTY_BODIES = frozenset({b"", b"{}", b"null"})  # what clients send for no body
_MAX_QUOTED_LENGTH = 100  # characters of a name from the request, quoted in an error


class JsonRequest(Request):
    """A request whose body is JSON in UTF-8 (RFC 8259), without duplicate names."""

    async def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """Return the body; raise ValueError if it is not JSON, InvalidInput for duplicate names."""
        text = (await self.body()).decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_unique_object, parse_constant=_reject_constant)


def media_type_of(request: Request) -> str:
    """Return the media type of the `Content-Type` header, in lower case, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def reject_unknown_parameters(request: Request, known: frozenset[str]) -> None:
    """Raise InvalidInput for query parameters that are unknown or sent more than once."""
    counts = Counter(name for name, _ in request.query_params.multi_items())
    faults = [
        FieldError(f"query/{name}", "unknown_parameter", _known_parameters(known))
        for name in counts
        if name not in known
    ]
    faults += [
        FieldError(f"query/{name}", "given_twice", "sent more than once; send it once")
        for name, count in counts.items()
        if name in known and count > 1
    ]
    if faults:
        raise InvalidInput(faults=faults)


def require_json_content_type(request: Request) -> None:
    """Raise InvalidInput for a body whose content type is not JSON."""
    media_type = media_type_of(request)
    is_json = media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
    if is_json or not _has_body(request):
        return
    detail = "the content type is not JSON; send `Content-Type: application/json`"
    raise InvalidInput(faults=[FieldError("#", "not_json", detail)])


async def reject_body(request: Request) -> None:
    """Raise InvalidInput for a body, unless it is an empty JSON value."""
    if _has_body(request) and _without_whitespace(await request.body()) not in _EMPTY_BODIES:
        detail = "this operation has no request body; leave it out"
        raise InvalidInput(faults=[FieldError("#", "unknown_body", detail)])


def _without_whitespace(body: bytes) -> bytes:
    return b"".join(body.removeprefix(BOM_UTF8).split())


def _has_body(request: Request) -> bool:
    headers = request.headers
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _unique_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object; raise InvalidInput for duplicate names.

    JSON parsers differ in which value of a duplicate name they use.
    """
    unique = dict(pairs)
    if len(unique) == len(pairs):
        return unique
    counts = Counter(name for name, _ in pairs)
    raise InvalidInput(
        faults=[
            FieldError("#", "given_twice", f"“{_escaped(name)}” is twice in one object; keep one")
            for name, count in counts.items()
            if count > 1
        ]
    )


def _reject_constant(name: str) -> None:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _escaped(name: str) -> str:
    return name[:_MAX_QUOTED_LENGTH].encode("ascii", "backslashreplace").decode("ascii")


def _known_parameters(known: frozenset[str]) -> str:
    if not known:
        return "this path has no query parameters; leave it out"
    return "not a parameter of this path; its parameters are " + ", ".join(sorted(known))
