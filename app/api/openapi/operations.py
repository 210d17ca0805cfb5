"""Completes every operation: conditional requests, idempotency, common problems, headers."""

from typing import Any

from app.api.openapi.headers import (
    ETAG_SCHEMA,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_MATCH_OPTIONAL,
    IF_MATCH_OR_CREATE,
    IF_NONE_MATCH,
)
from app.core.http.deprecation import HEADERS as OF_DEPRECATED
from app.core.http.deprecation import SUNSET
from app.core.http.idempotency import REPLAYED
from app.core.http.routing import NOT_IDEMPOTENT
from app.core.problems import (
    BodyTooLarge,
    Conflict,
    IdempotentCallInFlight,
    Interrupted,
    PreconditionMissing,
    Problem,
    QuotaExceeded,
    StaleVersion,
    UndecodableBody,
    Unexpected,
)
from app.integrations.events.sse import MEDIA_TYPE as EVENT_STREAM
from app.integrations.portability.jsonl import MEDIA_TYPE

# Answered by what stands before every operation.
_BEFORE_THE_OPERATION = {"413", "429", "500", "503"}
_CHANGING = {"put", "patch", "delete"}
_STREAMS = frozenset({MEDIA_TYPE, EVENT_STREAM})
# The same way in for all operations. Whose tokens they are is set by each operator, so that no
# address of a provider stands here.
ACCESS_TOKEN_SCHEME = {
    "AccessToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of the operator's own OpenID Connect provider, in place of "
        "an API key, where the server is set up for it. It is checked as RFC8725 advises.",
    }
}
NO_SECURITY: list[dict[str, list[str]]] = [{}]  # said, so that nobody takes it for forgotten
_UNSAID = "Successful Response"  # what FastAPI says where nothing was said
_SAID = {
    "get": "What you asked for.",
    "put": "Kept; this is how it stands now.",
    "post": "Done; this is what came of it.",
    "patch": "Changed; this is how it stands now.",
}
_SAID_FOR_STATUS = {"201": "Made; this is it.", "204": "Gone; this answer has no body."}


def complete_operation(method: str, operation: dict[str, Any], *, is_uncounted: bool) -> None:
    """Add to one operation what the routes do not say: parameters, problems, headers."""
    answers = operation["responses"]
    for parameter in operation.get("parameters", ()):
        _say_plainly(parameter["schema"])
    if "requestBody" in operation:
        _declare(answers, UndecodableBody)
        _declare(answers, BodyTooLarge)
    if operation.get("security") and not _is_stream(operation):
        _make_conditional(method, operation)
    if _takes_key(operation) and method in {"post", "patch"} and _writes(operation):
        _make_repeatable(operation)
    anywhere: list[type[Problem]] = [Unexpected, Interrupted]
    anywhere += [] if is_uncounted else [QuotaExceeded]
    anywhere += [Conflict] if method != "get" and _writes(operation) else []
    for kind in anywhere:
        _declare(answers, kind)
    _open_to_tokens(operation.setdefault("security", NO_SECURITY))
    for status, answer in answers.items():
        if answer["description"] == _UNSAID:
            answer["description"] = _SAID_FOR_STATUS.get(status) or _SAID[method]
        told = {"X-Request-Id", "Access-Control-Allow-Origin"} | (
            set() if is_uncounted else {"RateLimit", "RateLimit-Policy"}
        )
        told |= {"Retry-After"} if status in {"429", "503"} else set()
        for name in sorted(told):
            answer.setdefault("headers", {})[name] = {"$ref": f"#/components/headers/{name}"}
        if SUNSET in operation and status not in _BEFORE_THE_OPERATION:
            answer["headers"] |= OF_DEPRECATED


def _open_to_tokens(ways: list[dict[str, list[str]]]) -> None:
    (scheme,) = ACCESS_TOKEN_SCHEME
    ways += [{scheme: scopes} for way in ways for scopes in way.values()]


def _make_conditional(method: str, operation: dict[str, Any]) -> None:
    parameters = operation.setdefault("parameters", [])
    answers = operation["responses"]
    if method == "get":
        parameters.append(IF_NONE_MATCH)
        answers["304"] = {"description": "You hold the current version already."}
    elif method in _CHANGING:
        may_create = any(parameter["name"] == "If-None-Match" for parameter in parameters)
        parameters.append(IF_MATCH_OR_CREATE if may_create else IF_MATCH)
        _declare(answers, StaleVersion)
        _declare(answers, PreconditionMissing)
    elif str(int(StaleVersion.status)) in answers:
        parameters.append(IF_MATCH_OPTIONAL)
    for status, answer in answers.items():
        if status in {"200", "201"}:
            answer.setdefault("headers", {})["ETag"] = {
                "description": "The version shown; hand it back as `If-Match` or `If-None-Match`.",
                "schema": ETAG_SCHEMA,
            }


def _make_repeatable(operation: dict[str, Any]) -> None:
    operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    answers = operation["responses"]
    _declare(answers, IdempotentCallInFlight)
    for status, answer in answers.items():
        if status in {"200", "201"}:
            answer.setdefault("headers", {})[REPLAYED] = {
                "description": "`true` when this is the answer of an earlier call.",
                "schema": {"type": "string", "enum": ["true"]},
            }


def _takes_key(operation: dict[str, Any]) -> bool:
    """Tell whether an `Idempotency-Key` means anything here; what says it does not is taken out."""
    marked = [operation.pop(marker, None) for marker in NOT_IDEMPOTENT]
    return not any(marked)


def _is_stream(operation: dict[str, Any]) -> bool:
    content = operation["responses"].get("200", {}).get("content", {})
    return not _STREAMS.isdisjoint(content)


def _say_plainly(schema: dict[str, Any]) -> None:
    """Say it without null: a parameter that is not there is left out, there is no other way.

    And a value without alternatives as the only one of its kind: generators know lists of values.
    """
    real = [one for one in schema.pop("anyOf", ()) if one != {"type": "null"}]
    for one in real:
        schema.update(one)
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]


def _writes(operation: dict[str, Any]) -> bool:
    scopes = [scope for one in operation.get("security", ()) for s in one.values() for scope in s]
    return any(not scope.endswith(":read") for scope in scopes)


def _declare(answers: dict[str, Any], kind: type[Problem]) -> None:
    told = f"`{kind.code()}` {kind.title}"
    answer = answers.setdefault(
        str(int(kind.status)),
        {
            "description": told,
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        },
    )
    if told not in answer["description"]:
        answer["description"] += f" · {told}"
