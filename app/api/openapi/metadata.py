"""Title, description, tags and extensible enums of the OpenAPI document."""

from importlib.metadata import version
from typing import Any

_DESCRIPTION = """\
Track job applications, record a private account of each interview, and turn the signals observed
in it into an estimate of the outcome. The estimate is explained line by line and states its
uncertainty.

**Try it:** start the service with `make run`, press *Authorize*, paste the key it printed, and
execute any operation. The examples work as they stand on a small set of sample data, except for
the four that need an administrator's key or erase a person.

- **Errors** are `application/problem+json` (RFC 9457) with a stable `code`; `/problems` lists all
  codes.
- **Pagination**: the `next_cursor` of a page is the `cursor` of the next page.
- **Optimistic concurrency**: a change names the version it changes (`If-Match`), so that no client
  overwrites a change it has not seen.
- **Conditional requests**: with `If-None-Match`, reading an unchanged resource returns 304. `HEAD`
  is `GET` without the body.
- **Idempotency**: with an `Idempotency-Key`, a repeated POST or PATCH is carried out once. A PUT
  or DELETE needs no key.
"""

_TAGS = [
    {
        "name": "Applications",
        "description": "Job applications: one candidate, one role, one company, one outcome.",
    },
    {"name": "Interviews", "description": "Interviews of an application, with their panels."},
    {"name": "Signals", "description": "Signals observed in an interview. Private."},
    {
        "name": "Estimates",
        "description": "Estimates of the outcome, explained; the model and its calibration. "
        "Private.",
    },
    {
        "name": "Feedback",
        "description": "Feedback to and from recruiters and interviewers.",
    },
    {
        "name": "References",
        "description": "Referees and references, with pending actions. Private.",
    },
    {"name": "Steps", "description": "Next steps: what is due, by when, and why. Private."},
    {
        "name": "Assessments",
        "description": 'Answers to the questionnaire "Is this the right job?". Private.',
    },
    {
        "name": "Exchange",
        "description": "Bulk import and export as JSON Lines; personal data export and erasure "
        "(GDPR).",
    },
    {
        "name": "Webhooks",
        "description": "Webhook endpoints, signing secrets and deliveries. The section Webhooks of "
        "this document describes the messages.",
    },
    {"name": "Events", "description": "Event log: polling, and streaming by server-sent events."},
    {"name": "Guide", "description": "The advice behind the service, as data."},
    {"name": "Accounts", "description": "Your account, members of the workspace, and API keys."},
    {"name": "Service", "description": "Problem types and health checks."},
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
            "description": "This server, in production or in a test.",
            "x-internal": False,
        }
    ],
    "contact": {"name": "The operator of this server"},
    "license_info": {"name": "MIT licence", "identifier": "MIT"},
}
# Enums that may get new values; clients must accept unknown ones. All other enums are complete.
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
