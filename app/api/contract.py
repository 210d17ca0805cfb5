"""What the OpenAPI document says beyond the routes: titles, tags, the shape of problems."""

import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.api.bounds import bound
from app.api.examples import put_in_order
from app.api.middleware import UNCOUNTED
from app.api.problems import FaultShown, ProblemShown
from app.core.conditions import ANY, LONGEST_TAGS
from app.core.deprecation import HEADERS as OF_DEPRECATED
from app.core.deprecation import SUNSET
from app.core.idempotency import HEADER, LONGEST_KEY, REPLAYED
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
from app.core.routing import TAKES_NO_KEY
from app.core.samples import EVENT
from app.exchange.router import LINES
from app.exchange.streams import MEDIA_TYPE
from app.webhooks.catalogue import KINDS, EventType, example_of, meaning, message_of
from app.webhooks.live import MEDIA_TYPE as EVENT_STREAM

_DESCRIPTION = """\
Keep the search straight, take down an honest private account of each interview, and
turn the signs that it went well or badly into an estimate that is explained line by
line and never claims more than it knows.

**Try it:** start the service with `make run`, press *Authorize*, paste the key it
printed, and execute any operation; the examples work as they stand, on a small sample search,
but for the four that are for an administrator's key or erase a person.

- **Errors** all have one shape, `application/problem+json` (RFC 9457), and a stable `code`
  that `/problems` explains.
- **Lists** come in pages: the `next_cursor` of one is the `cursor` of the next.
- **Changes** say which version they change (`If-Match`), so that nobody overwrites what they
  have not seen.
- **Repeating** is cheap for a read (`If-None-Match`; `HEAD` is `GET` without the body) and safe
  for a write: with an `Idempotency-Key` a POST or PATCH is done once. A PUT or DELETE needs none.
"""

_TAGS = [
    {"name": "Applications", "description": "One candidate, one role, one company, one outcome."},
    {"name": "Interviews", "description": "Each sitting of a round, with its panel."},
    {"name": "Signals", "description": "What was observed in an interview; private."},
    {"name": "Estimates", "description": "What the signals suggest, explained; private."},
    {"name": "Feedback", "description": "Messages to and from recruiter and interviewer."},
    {
        "name": "References",
        "description": "Who speaks for you, and what you still owe them; private.",
    },
    {"name": "Steps", "description": "What is due next, by when, and why; private."},
    {"name": "Assessments", "description": "Is this the right job? Four questions; private."},
    {
        "name": "Exchange",
        "description": "In and out in bulk, as JSON Lines; a person's whole data, and its erasure.",
    },
    {
        "name": "Webhooks",
        "description": "Who is told of what happens, signed, and what became of each delivery. "
        "What is sent stands under Webhooks in this document.",
    },
    {"name": "Events", "description": "What happened, to be read, or heard as it happens."},
    {"name": "Guide", "description": "The advice behind the service, as data."},
    {"name": "Accounts", "description": "Who you are, who else is here, and API keys."},
    {"name": "Service", "description": "What can go wrong, and whether the service is well."},
]

METADATA: dict[str, Any] = {
    "title": "Debrief",
    "summary": "The API for the days after a job interview",
    "description": _DESCRIPTION,
    "version": version("debrief"),
    "openapi_tags": _TAGS,
    "servers": [
        {
            "url": "/",
            "description": "This server, be it in production or for a test.",
            "x-internal": False,
        }
    ],
    "contact": {"name": "Whoever runs this server"},
    "license_info": {"name": "MIT licence", "identifier": "MIT"},
}

_METHODS = {"get", "put", "post", "patch", "delete"}
_HEADERS = {
    "X-Request-Id": {
        "description": "The id of this request; name it when you report a problem.",
        "schema": {"type": "string", "pattern": "^[0-9A-Za-z_-]+$", "maxLength": 64},
    },
    "RateLimit": {
        "description": "How many calls are left (`r`); in how many seconds there are more (`t`).",
        "schema": {"type": "string", "pattern": '^"default";r=[0-9]+;t=[0-9]+$', "maxLength": 100},
    },
    "RateLimit-Policy": {
        "description": "How many calls (`q`) are allowed in how many seconds (`w`).",
        "schema": {"type": "string", "pattern": '^"default";q=[0-9]+;w=[0-9]+$', "maxLength": 100},
    },
    "Retry-After": {
        "description": "After how many seconds to try again.",
        "schema": {"type": "string", "pattern": "^[0-9]+$", "maxLength": 10},
    },
    "Access-Control-Allow-Origin": {
        "description": "The origin of the page that called, where the operator lets pages of that "
        "origin call (`DEBRIEF_CORS_ORIGINS`).",
        "schema": {"type": "string", "pattern": r"^(\*|[a-z+.-]+://\S+)$", "maxLength": 300},
    },
}
# Lists of the guide, of the rooms or of the world, which grow; the others are told in full.
EXTENSIBLE = frozenset(
    {
        "Anchor",
        "Condition",
        "EventType",
        "Format",
        "Owed",
        "Phase",
        "Scope",
        "Seniority",
        "SignalId",
        "WorkMode",
    }
)
# Answered by what stands before every operation.
_BEFORE_THE_OPERATION = {"413", "429", "500", "503"}
_CHANGING = {"put", "patch", "delete"}
_STREAMS = frozenset({MEDIA_TYPE, EVENT_STREAM})
# The same way in for all operations. Whose tokens they are is set by each operator, so that no
# address of a provider stands here.
_ACCESS_TOKEN = {
    "AccessToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of the operator's own OpenID Connect provider, in place of "
        "an API key, where the server is set up for it. It is checked as RFC8725 advises.",
    }
}
_OPEN_TO_ALL: list[dict[str, list[str]]] = [{}]  # said, so that nobody takes it for forgotten
# No pattern: what is no tag is not refused, it matches nothing.
_TAGS_SENT = {"type": "string", "format": "entity-tags", "maxLength": LONGEST_TAGS}
_TAG_SHOWN = {"type": "string", "pattern": '^"[!#-~]*"$', "maxLength": LONGEST_TAGS}
_UNSAID = "Successful Response"  # what FastAPI says where nothing was said
_SAID = {
    "get": "What you asked for.",
    "put": "Kept; this is how it stands now.",
    "post": "Done; this is what came of it.",
    "patch": "Changed; this is how it stands now.",
}
_SAID_FOR_STATUS = {"201": "Made; this is it.", "204": "Gone; this answer has no body."}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "Which version you have seen: the `ETag` you read, or `*` for whatever is there "
    "now. When it is no longer current, nothing is changed and the answer is 412.",
    "schema": _TAGS_SENT,
    "examples": {"any": {"summary": "whatever is there now", "value": ANY}},
}
_IF_MATCH_IF_YOU_LIKE = _IF_MATCH | {
    "required": False,
    "description": "Only when this is the version that is there: the `ETag` you read.",
}
_IF_MATCH_OR_NONE = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "To replace what is there: the `ETag` you read. One of the two is needed.",
    "schema": _TAGS_SENT,
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` you hold. While it is current the answer is 304, without a body.",
    "schema": _TAGS_SENT,
}
_MESSAGES = {name: message_of(name) for name in KINDS}
_SIGNED = [
    {
        "name": name,
        "in": "header",
        "required": True,
        "description": says,
        "schema": {"type": "string", "pattern": form, "maxLength": 500},
    }
    for name, says, form in (
        ("webhook-id", "The event's id: the same on every attempt.", "^evt_[0-9a-z]{26}$"),
        ("webhook-timestamp", "When this attempt was made, in Unix seconds.", "^[0-9]+$"),
        (
            "webhook-signature",
            "Standard Webhooks: `v1,` and an HMAC; two of them while secrets overlap.",
            "^v1,[0-9A-Za-z+/=]+( v1,[0-9A-Za-z+/=]+)*$",
        ),
    )
]
_IDEMPOTENCY_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Makes it safe to repeat this call: a name of your choice, best a UUID. "
    "Repeated with the same name within 72 hours it is not carried out again; you get the first "
    f"answer, with `{REPLAYED}: true`.",
    "schema": {"type": "string", "pattern": "^[!-~]+$", "minLength": 1, "maxLength": LONGEST_KEY},
}


def publish(app: FastAPI) -> None:
    """Have the app publish its document with what every operation has in common."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(plain())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents it


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = ProblemShown.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas["Problem"].pop("$defs", None)
    schemas["Problem"]["title"] = "Problem"
    schemas["FaultShown"] = FaultShown.model_json_schema()
    # A problem may carry members of its own kind besides (RFC 9457, 3.2).
    schemas["Problem"]["additionalProperties"] = True
    for name, schema in (_schemas(LINES) | _schemas(list(_MESSAGES.values()))).items():
        schemas.setdefault(name, schema)
    document["webhooks"] = {str(name): {"post": _told(name)} for name in KINDS}
    for name in schemas.keys() & EXTENSIBLE:
        schemas[name]["x-extensible"] = True
    document["components"]["headers"] = _HEADERS
    if "securitySchemes" in document["components"]:
        document["components"]["securitySchemes"] |= _ACCESS_TOKEN
    for template, path in document["paths"].items():
        for method, operation in path.items():
            if method in _METHODS:
                _finish(method, operation, is_uncounted=template in UNCOUNTED)
    _link(document["paths"])
    put_in_order(schemas)
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    bound(document)
    return document


def _schemas(kinds: Sequence[type[BaseModel]]) -> dict[str, Any]:
    template = "#/components/schemas/{model}"
    _, defined = models_json_schema([(each, "validation") for each in kinds], ref_template=template)
    return dict(defined["$defs"])


def _told(name: EventType) -> dict[str, Any]:
    """Describe the call by which an endpoint is told of such an event."""
    kind, message = KINDS[name], _MESSAGES[name]
    ours = {"schema": {"$ref": f"#/components/schemas/{message.__name__}"}}
    subject = example_of(kind).get(kind.about, "")
    example = {
        "type": name.value,
        "timestamp": "2026-11-12T15:10:00Z",
        "data": {
            "event": EVENT,
            "subject": subject,
            "sequence": 3,
            "schema_version": kind.schema_version,
            **example_of(kind),
        },
    }
    return {
        "operationId": f"tell_{name.name.lower()}",
        "tags": ["Webhooks"],
        "summary": meaning(kind).rstrip("."),
        "description": f"{meaning(kind)} Answer with any 2xx; 410 disables the endpoint.",
        "security": _OPEN_TO_ALL,
        "parameters": _SIGNED,
        "requestBody": {
            "required": True,
            "content": {"application/json": {**ours, "example": example}},
        },
        "responses": {"2XX": {"description": "Taken; it is not sent again."}},
    }


def _link(paths: dict[str, Any]) -> None:
    """Tell what can be done with something new: every operation that takes its id."""
    takers: dict[str, list[str]] = {}
    for template, path in paths.items():
        for parameter in re.findall(r"{(\w+)}", template):
            takers.setdefault(parameter, []).extend(
                operation["operationId"] for method, operation in path.items() if method in _METHODS
            )
    for path in paths.values():
        made = path.get("post", {}).get("responses", {}).get("201", {})
        name = str(made.get("content", {}).get("application/json", {}).get("schema", {}))
        parameter = re.sub(r".*/(\w+)'}$", r"\1_id", name).lower()
        for taker in takers.get(parameter, ()):
            _lead(made, taker, parameter, "$response.body#/id")
        if {"put", "delete"} <= path.keys():
            (at,) = [each for each in path["put"]["parameters"] if each["in"] == "path"]
            put, taker = path["put"]["responses"]["200"], path["delete"]["operationId"]
            _lead(put, taker, at["name"], f"$request.path.{at['name']}")


def _lead(answer: dict[str, Any], taker: str, parameter: str, where: str) -> None:
    answer.setdefault("links", {})[taker] = {
        "operationId": taker,
        "parameters": {parameter: where},
    }


def _finish(method: str, operation: dict[str, Any], *, is_uncounted: bool) -> None:
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
    _open_to_tokens(operation.setdefault("security", _OPEN_TO_ALL))
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
    (scheme,) = _ACCESS_TOKEN
    ways += [{scheme: scopes} for way in ways for scopes in way.values()]


def _make_conditional(method: str, operation: dict[str, Any]) -> None:
    parameters = operation.setdefault("parameters", [])
    answers = operation["responses"]
    if method == "get":
        parameters.append(_IF_NONE_MATCH)
        answers["304"] = {"description": "You hold the current version already."}
    elif method in _CHANGING:
        may_create = any(parameter["name"] == "If-None-Match" for parameter in parameters)
        parameters.append(_IF_MATCH_OR_NONE if may_create else _IF_MATCH)
        _declare(answers, StaleVersion)
        _declare(answers, PreconditionMissing)
    elif str(int(StaleVersion.status)) in answers:
        parameters.append(_IF_MATCH_IF_YOU_LIKE)
    for status, answer in answers.items():
        if status in {"200", "201"}:
            answer.setdefault("headers", {})["ETag"] = {
                "description": "The version shown; hand it back as `If-Match` or `If-None-Match`.",
                "schema": _TAG_SHOWN,
            }


def _make_repeatable(operation: dict[str, Any]) -> None:
    operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
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
    marked = [operation.pop(marker, None) for marker in TAKES_NO_KEY]
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
