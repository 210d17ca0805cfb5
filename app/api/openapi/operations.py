"""Completes every operation: conditional requests, idempotency, common problems, headers.

Adds what the routes do not declare: parameters, problem responses, response headers and security.
"""

from collections.abc import Iterator
from typing import Any

from app.api.openapi.headers import (
    ETAG_SCHEMA,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_MATCH_OPTIONAL,
    IF_MATCH_OR_CREATE,
    IF_NONE_MATCH,
)
from app.api.openapi.path_examples import PATH_EXAMPLES
from app.core.http.deprecation import HEADERS as DEPRECATION_HEADERS
from app.core.http.deprecation import SUNSET
from app.core.http.idempotency import REPLAYED
from app.core.http.routing import NOT_IDEMPOTENT, path_example
from app.core.problems import (
    BodyTooLarge,
    Conflict,
    IdempotentCallInFlight,
    InternalError,
    MalformedBody,
    PreconditionFailed,
    PreconditionRequired,
    Problem,
    RateLimitExceeded,
    ShuttingDown,
)
from app.integrations.events.sse import MEDIA_TYPE as EVENT_STREAM
from app.integrations.portability.jsonl import MEDIA_TYPE

# Statuses of responses that are sent before the operation is known.
_BEFORE_THE_OPERATION = {"413", "429", "500", "503"}
_CHANGING = {"put", "patch", "delete"}
_STREAMS = frozenset({MEDIA_TYPE, EVENT_STREAM})
NO_SECURITY: list[dict[str, list[str]]] = [{}]  # explicit: shows that it was not forgotten
_FASTAPI_DEFAULT = "Successful Response"
_BY_METHOD = {
    "get": "The resource.",
    "put": "The resource after the change.",
    "post": "The result.",
    "patch": "The resource after the change.",
}
_BY_STATUS = {"201": "The new resource.", "204": "Deleted; the response has no body."}


def complete_operation(
    method: str, operation: dict[str, Any], *, is_rate_limit_exempt: bool
) -> None:
    """Add to one operation what the routes do not declare: parameters, problems, headers."""
    responses = operation["responses"]
    for parameter in operation.get("parameters", ()):
        _remove_null(parameter["schema"])
    if operation["operationId"] in PATH_EXAMPLES:
        _set_path_example(operation, *PATH_EXAMPLES[operation["operationId"]])
    if operation.get("security") and not _is_stream(operation):
        _make_conditional(method, operation)
    if _takes_key(operation) and method in {"post", "patch"} and _writes(operation):
        _make_idempotent(operation)
    for kind in _common_problems(method, operation, is_rate_limit_exempt=is_rate_limit_exempt):
        _declare(responses, kind)
    operation.setdefault("security", NO_SECURITY)
    for status, response in responses.items():
        if response["description"] == _FASTAPI_DEFAULT:
            response["description"] = _BY_STATUS.get(status) or _BY_METHOD[method]
        names = _response_headers(status, is_rate_limit_exempt=is_rate_limit_exempt)
        response.setdefault("headers", {}).update(
            {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        )
        if SUNSET in operation and status not in _BEFORE_THE_OPERATION:
            response["headers"] |= DEPRECATION_HEADERS


def _common_problems(
    method: str, operation: dict[str, Any], *, is_rate_limit_exempt: bool
) -> Iterator[type[Problem]]:
    if "requestBody" in operation:
        yield MalformedBody
        yield BodyTooLarge
    yield InternalError
    yield ShuttingDown
    if not is_rate_limit_exempt:
        yield RateLimitExceeded
    if method != "get" and _writes(operation):
        yield Conflict


def _response_headers(status: str, *, is_rate_limit_exempt: bool) -> list[str]:
    names = ["Access-Control-Allow-Origin", "X-Request-Id"]
    if not is_rate_limit_exempt:
        names += ["RateLimit", "RateLimit-Policy"]
    if status in {"429", "503"}:
        names.append("Retry-After")
    return sorted(names)


def _set_path_example(operation: dict[str, Any], summary: str, sample: str) -> None:
    (parameter,) = (entry for entry in operation["parameters"] if entry["in"] == "path")
    parameter["examples"] = path_example(summary, sample)


def _make_conditional(method: str, operation: dict[str, Any]) -> None:
    parameters = operation.setdefault("parameters", [])
    responses = operation["responses"]
    if method == "get":
        parameters.append(IF_NONE_MATCH)
        responses["304"] = {
            "description": "The current version is the one named in `If-None-Match`."
        }
    elif method in _CHANGING:
        may_create = any(parameter["name"] == "If-None-Match" for parameter in parameters)
        parameters.append(IF_MATCH_OR_CREATE if may_create else IF_MATCH)
        _declare(responses, PreconditionFailed)
        _declare(responses, PreconditionRequired)
    elif str(int(PreconditionFailed.status)) in responses:
        parameters.append(IF_MATCH_OPTIONAL)
    for status, response in responses.items():
        if status in {"200", "201"}:
            response.setdefault("headers", {})["ETag"] = {
                "description": "The version of the resource; send it back as `If-Match` or "
                "`If-None-Match`.",
                "schema": ETAG_SCHEMA,
            }


def _make_idempotent(operation: dict[str, Any]) -> None:
    operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    responses = operation["responses"]
    _declare(responses, IdempotentCallInFlight)
    for status, response in responses.items():
        if status in {"200", "201"}:
            response.setdefault("headers", {})[REPLAYED] = {
                "description": "`true` when this is the stored response of an earlier request.",
                "schema": {"type": "string", "enum": ["true"]},
            }


def _takes_key(operation: dict[str, Any]) -> bool:
    """Whether the operation takes an `Idempotency-Key`; the internal marker is removed."""
    markers = [operation.pop(marker, None) for marker in NOT_IDEMPOTENT]
    return not any(markers)


def _is_stream(operation: dict[str, Any]) -> bool:
    content = operation["responses"].get("200", {}).get("content", {})
    return not _STREAMS.isdisjoint(content)


def _remove_null(schema: dict[str, Any]) -> None:
    """Remove null, which no parameter can be, and turn a constant into an enum of one value.

    Client generators handle an enum better than a constant.
    """
    not_null = [part for part in schema.pop("anyOf", ()) if part != {"type": "null"}]
    for part in not_null:
        schema.update(part)
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]


def _writes(operation: dict[str, Any]) -> bool:
    scopes = [
        scope
        for requirement in operation.get("security", ())
        for granted in requirement.values()
        for scope in granted
    ]
    return any(not scope.endswith(":read") for scope in scopes)


def _declare(responses: dict[str, Any], kind: type[Problem]) -> None:
    text = f"`{kind.code()}` {kind.title}"
    response = responses.setdefault(
        str(int(kind.status)),
        {
            "description": text,
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        },
    )
    if text not in response["description"]:
        response["description"] += f" · {text}"
