"""What no schema can say about a valid call: which values exist, and which may not come twice."""

import json
import os
import uuid
from datetime import UTC, date, datetime
from typing import Any

import httpx2
import schemathesis
from hypothesis import strategies
from schemathesis import GenerationMode
from schemathesis.engine import observations
from schemathesis.engine.run.stateful import _executor

from app.integrations.portability.schemas import PastApplication
from app.kit import sample_ids
from app.scoring import CATALOGUE

FIRST, LAST = 1970, 2199
_APPLICATION = "/v1/applications/{application_id}"
_INTERVIEW = "/v1/interviews/{interview_id}"
_OUTCOME, _REQUEST, _RELEASE = (
    f"{_APPLICATION}/outcome",
    f"{_INTERVIEW}/feedback-request",
    f"{_INTERVIEW}/signals/release",
)
FIRST_OF_ITS_KIND = {f"PUT {path}" for path in (_OUTCOME, _REQUEST, _RELEASE)}
LAST_OF_ITS_KIND: dict[str, Any] = {
    f"DELETE {_APPLICATION}": None,
    f"DELETE {_INTERVIEW}": None,
    f"DELETE {_OUTCOME}": {"outcome": "no_offer"},
    f"DELETE {_REQUEST}": {},
    f"DELETE {_RELEASE}": {"signals": ["conversational"]},
}
"""What can be removed once, and as what it is written there before."""
STILL_OPEN: dict[str, tuple[str, str, Any]] = {
    "PATCH /v1/feedback/{feedback_id}": (
        "feedback_id",
        f"{_INTERVIEW}/feedback",
        {"direction": "candidate_to_recruiter", "audience": "recruiter", "text": "Thank you."},
    ),
    "PATCH /v1/references/{reference_id}": (
        "reference_id",
        f"{_APPLICATION}/references",
        {"referee": {"name": "Amara Nwosu"}},
    ),
}
"""What is not changed any more once earlier calls have sent or settled it, and how it is made."""
ADDRESS = os.environ.get("ADDRESS", "")
OWN_KEY = os.environ.get("OWN_KEY", "")
SEQUENCES = int(os.environ.get("SEQUENCES", "0"))
OWN_KEYS = os.environ.get("OWN_KEYS", "").split()

schemathesis.openapi.format(
    "date", strategies.dates(date(FIRST, 1, 1), date(LAST, 12, 31)).map(date.isoformat)
)
schemathesis.openapi.format(
    "date-time",
    strategies.datetimes(
        datetime(FIRST, 1, 2),  # noqa: DTZ001 - the zone is added by the strategy
        datetime(LAST, 12, 30),  # noqa: DTZ001 - likewise
        timezones=strategies.just(UTC),
    ).map(datetime.isoformat),
)


_same_origin_path = observations._same_origin_path  # noqa: SLF001 - there is no other way to it


def _path_if_it_is_a_url(value: str, origin: tuple[str, str]) -> str | None:
    """Pass over a text that only begins like a URL, which the library falls over."""
    try:
        return _same_origin_path(value, origin)
    except ValueError:
        return None


observations._same_origin_path = _path_if_it_is_a_url  # noqa: SLF001 - likewise

_classify_flaky = _executor._classify_flaky  # noqa: SLF001 - there is no other way to it


def _go_on(*, ctx: Any, engine: Any, state: Any) -> Any:
    """Go on after sequences that went another way when they were repeated.

    What was deleted once is gone the second time: the library ends the whole phase with the first
    of these, after some thirty sequences.
    """
    status, again, told = _classify_flaky(ctx=ctx, engine=engine, state=state)
    is_whole = ctx.completed_scenarios >= SEQUENCES or engine.has_reached_the_failure_limit
    return status, again or not (is_whole or told), told


_executor._classify_flaky = _go_on  # noqa: SLF001 - likewise

_LINES = ("application/jsonl", "application/x-ndjson")
_ANYTHING = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(),
    lambda inner: strategies.lists(inner) | strategies.dictionaries(strategies.text(), inner),
    max_leaves=5,
)
_TOLD: Any = PastApplication.model_config["json_schema_extra"]
_PAST = _TOLD["examples"][0]
_NEARLY_PAST = strategies.dictionaries(
    strategies.sampled_from(list(PastApplication.model_fields)), _ANYTHING, max_size=2
).map(lambda changed: _PAST | {"external_id": str(uuid.uuid4())} | changed)

schemathesis.openapi.format(
    "webhook-target",
    strategies.from_regex(
        r"https://[a-z]{3,20}\.example(:8443)?(/[a-z0-9]{1,12}){0,3}", fullmatch=True
    ),
)
schemathesis.openapi.format(
    "json-lines",
    strategies.lists((_ANYTHING | _NEARLY_PAST).map(json.dumps), max_size=5).map("\n".join),
)


@schemathesis.serializer(*_LINES)
def write_lines(_: schemathesis.SerializationContext, body: Any) -> bytes:
    """Send text as it is; whatever else was made up is a line of its own."""
    return (body if isinstance(body, str) else json.dumps(body)).encode("utf-8", "surrogatepass")


@schemathesis.deserializer(*_LINES)
def read_lines(_: schemathesis.DeserializationContext, answer: schemathesis.Response) -> str:
    """Hold lines for the text that the document says they are, each of them JSON."""
    for line in answer.text.strip().split("\n"):
        json.loads(line or "null")
    return answer.text


@schemathesis.hook
def filter_body(_: schemathesis.HookContext, body: Any) -> bool:
    """Pass over halves of characters that become whole ones on their way: half as long a text."""
    return not isinstance(body, dict | list | str) or json.loads(json.dumps(body)) == body


@schemathesis.hook
def before_call(_: Any, case: schemathesis.Case[Any], _options: Any) -> None:
    """Leave out of a valid call what only a client with a history could know.

    And let nobody end the keys that the calls are made with.
    """
    if case.path_parameters.get("key_id") in OWN_KEYS:
        case.path_parameters["key_id"] = sample_ids.KEY_TO_REVOKE
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    case.query.pop("cursor", None)
    if case.operation.label in FIRST_OF_ITS_KIND:
        _begin_anew(case, None)
        case.headers.pop("If-Match", None)
        case.headers["If-None-Match"] = "*"
    if case.operation.label in LAST_OF_ITS_KIND:
        _begin_anew(case, LAST_OF_ITS_KIND[case.operation.label])
    if case.operation.label in STILL_OPEN:
        _make_anew(case, *STILL_OPEN[case.operation.label])
    _say_which_version(case)
    if case.operation.label == f"PUT {_OUTCOME}" and isinstance(case.body, dict):
        case.body.pop("known_on", None)  # only a day that has come
    if case.operation.label == f"PATCH {_INTERVIEW}" and isinstance(case.body, dict):
        case.body.pop("ended_at", None)  # only of one that is concluded
    if isinstance(case.body, dict):
        _make_possible(case.body)


def _say_which_version(case: schemathesis.Case[Any]) -> None:
    """Name a version that is there: which one it is, only who has read it knows."""
    match case.operation.method.upper():
        case "DELETE":
            case.headers["If-Match"] = "*"
        case "POST":
            case.headers.pop("If-Match", None)


def _make_possible(body: dict[str, Any]) -> None:
    """Take out of a body what its schema allows and nothing but the rest of the world refuses."""
    if isinstance(body.get("shared_with"), str):
        body["shared_with"] = None
    body.pop("expires_at", None)  # still ahead, and not after the end of the key that is used
    if "since" in body:
        body.pop("until", None)
    salary = body.get("salary")
    if isinstance(salary, dict) and (salary.get("maximum") or 0) < salary["minimum"]:
        salary.pop("maximum", None)


def _begin_anew(case: schemathesis.Case[Any], before: dict[str, Any] | None) -> None:
    """Let the call be of a new application, and an interview that was held: others may be gone."""
    with _own_client() as own:
        ids = _held_interview(own)
        told = {"signals": _SIGNALS}
        path = _INTERVIEW.format(**ids)
        _done(own.put(f"{path}/signals", json=told, headers={"If-Match": "*"}))
        case.path_parameters.update({name: ids[name] for name in case.path_parameters})
        if before is not None:
            path = case.operation.path.format(**ids)
            _done(own.put(path, json=before, headers={"If-None-Match": "*"}))


def _make_anew(case: schemathesis.Case[Any], name: str, path: str, body: Any) -> None:
    with _own_client() as own:
        made = _done(own.post(path.format(**_held_interview(own)), json=body))
        case.path_parameters[name] = made["id"]


def _own_client() -> httpx2.Client:
    return httpx2.Client(base_url=ADDRESS, headers={"Authorization": f"Bearer {OWN_KEY}"})


def _held_interview(own: httpx2.Client) -> dict[str, str]:
    application = _done(own.post("/v1/applications", json=_WANTED))["id"]
    held = _done(own.post(f"/v1/applications/{application}/interviews", json=_HELD))["id"]
    return {"application_id": application, "interview_id": held}


def _done(answer: httpx2.Response) -> Any:
    return answer.raise_for_status().json()


_WANTED = {"company": {"name": "Tidemark"}, "job_title": "Engineer"}
_HELD = {"round": "first", "format": "video", "starts_at": "2026-01-12T10:00:00Z"}
_SIGNALS = {row.id.value: list(row.values)[-1].value for row in CATALOGUE}
