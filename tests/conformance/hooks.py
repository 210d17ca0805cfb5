"""What no schema can say about a valid call: which values exist, and which may not come twice."""

import os
import uuid
from datetime import UTC, date, datetime
from typing import Any

import schemathesis
from hypothesis import strategies
from schemathesis import GenerationMode

from app.core import samples

FIRST, LAST = 1970, 2199
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


@schemathesis.hook
def before_call(_: Any, case: schemathesis.Case[Any], _options: Any) -> None:
    """Leave out of a valid call what only a client with a history could know.

    And let nobody end the keys that the calls are made with.
    """
    if case.path_parameters.get("key_id") in OWN_KEYS:
        case.path_parameters["key_id"] = samples.KEY_TO_REVOKE
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    case.query.pop("cursor", None)
    if case.operation.label == "PUT /v1/applications/{application_id}/outcome":
        case.headers.pop("If-Match", None)
        case.headers["If-None-Match"] = "*"
    if isinstance(case.body, dict) and isinstance(case.body.get("shared_with"), str):
        case.body["shared_with"] = None
