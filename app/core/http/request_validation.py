"""What no schema checks: the query string, what the body is said to be, and names given twice."""

import json
from codecs import BOM_UTF8
from collections import Counter
from typing import Any

from fastapi import Request

from app.core.problems import FieldError, InvalidInput

_NOTHING = frozenset({b"", b"{}", b"null"})  # what clients send where there is nothing to send
_LONGEST_NAME = 100  # of what a caller wrote, in an answer


class JsonRequest(Request):
    """A request whose body is JSON in UTF-8, as RFC 8259 has it; any other is not guessed at."""

    async def json(self) -> Any:  # noqa: ANN401 - whatever was sent
        """Return the body; raise ValueError where it is not that, InvalidInput for a name twice."""
        text = (await self.body()).decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_number)


def media_type_of(request: Request) -> str:
    """Return what the body is said to be, in lower case and without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def reject_unknown_parameters(request: Request, known: frozenset[str]) -> None:
    """Raise InvalidInput for what this path does not take, and for what it was told twice."""
    times = Counter(name for name, _ in request.query_params.multi_items())
    faults = [
        FieldError(f"query/{name}", "unknown_parameter", _advice(known))
        for name in times
        if name not in known
    ]
    faults += [
        FieldError(f"query/{name}", "given_twice", "say it once; which one counts is not guessed")
        for name, count in times.items()
        if name in known and count > 1
    ]
    if faults:
        raise InvalidInput(faults=faults)


def require_json_content_type(request: Request) -> None:
    """Raise InvalidInput for a body that is not said to be JSON."""
    told = media_type_of(request)
    is_json = told == "application/json" or (
        told.startswith("application/") and told.endswith("+json")
    )
    if is_json or not _has_body(request):
        return
    detail = "say `Content-Type: application/json`; the body was sent as something else"
    raise InvalidInput(faults=[FieldError("#", "not_json", detail)])


async def reject_body(request: Request) -> None:
    """Raise InvalidInput for a body that says something where nothing is asked."""
    if _has_body(request) and _essence(await request.body()) not in _NOTHING:
        detail = "this call takes no body; leave it out"
        raise InvalidInput(faults=[FieldError("#", "unknown_body", detail)])


def _essence(body: bytes) -> bytes:
    return b"".join(body.removeprefix(BOM_UTF8).split())


def _has_body(request: Request) -> bool:
    headers = request.headers
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object; of a name that comes twice each reader would believe another value."""
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
    raise InvalidInput(
        faults=[
            FieldError("#", "given_twice", f"“{_shown(name)}” comes twice in one object; keep one")
            for name in twice
        ]
    )


def _no_number(name: str) -> None:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _shown(name: str) -> str:
    return name[:_LONGEST_NAME].encode("ascii", "backslashreplace").decode("ascii")


def _advice(known: frozenset[str]) -> str:
    if not known:
        return "this path takes no query parameters; leave it out"
    return "not a parameter of this path; it takes " + ", ".join(sorted(known))
