"""What the OpenAPI document says beyond the routes: titles, tags, the shape of problems."""

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from app.api.problems import FaultShown, ProblemShown
from app.core.problems import BodyTooLarge, Problem, Unexpected

_DESCRIPTION = """\
The API for the days **after** a job interview: keep the search straight, take down
an honest private account, and turn the signs that it went well or badly into a
structured, explained estimate that never claims more than it knows.

**Try it:** start the service with `make run`, press *Authorize*, paste the key it
printed, and run any operation below; the examples work as they stand.

**Errors** are `application/problem+json` (RFC 9457) with a stable `code`; `/problems`
explains each. **Pages** go on with `cursor`. **Changes** honour `If-Match`.
"""

_TAGS = [
    {"name": "Applications", "description": "One candidate, one role, one company, one outcome."},
    {"name": "Interviews", "description": "Each sitting of a round, with its panel."},
    {"name": "Signals", "description": "What was observed in an interview; private."},
    {"name": "Estimates", "description": "What the signals suggest, explained; private."},
    {"name": "Feedback", "description": "Messages to and from recruiter and interviewer."},
    {"name": "Assessments", "description": "Is this the right job? Four questions; private."},
    {"name": "Guide", "description": "The advice behind the service, as data."},
    {"name": "Service", "description": "Problems, health."},
]

METADATA: dict[str, Any] = {
    "title": "Debrief",
    "summary": "The API for the days after a job interview",
    "description": _DESCRIPTION,
    "version": version("debrief"),
    "openapi_tags": _TAGS,
    "servers": [{"url": "/", "description": "This server"}],
    "license_info": {"name": "MIT", "identifier": "MIT"},
}

_METHODS = {"get", "put", "post", "patch", "delete"}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` you read. When it is no longer current, nothing is changed and the "
    "answer is 412.",
    "schema": {"type": "string", "maxLength": 100},
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
    schemas["FaultShown"] = FaultShown.model_json_schema()
    # A problem may carry members of its own kind besides (RFC 9457, 3.2).
    schemas["Problem"]["additionalProperties"] = True
    for path in document["paths"].values():
        for method, operation in path.items():
            if method in _METHODS:
                _finish(method, operation)
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def _finish(method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    if "requestBody" in operation:
        _declare(answers, BodyTooLarge)
    if method in {"put", "patch", "delete"}:
        operation.setdefault("parameters", []).append(_IF_MATCH)
    _declare(answers, Unexpected)
    for status, answer in answers.items():
        if status.startswith("2"):
            answer.setdefault("headers", {})["X-Request-Id"] = {
                "description": "The id of this request.",
                "schema": {"type": "string"},
            }


def _declare(answers: dict[str, Any], kind: type[Problem]) -> None:
    answers.setdefault(
        str(int(kind.status)),
        {
            "description": f"`{kind.code()}` {kind.title}",
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        },
    )
