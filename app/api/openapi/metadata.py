"""Title, description, tags and extensible enums of the OpenAPI document."""

from importlib.metadata import version
from typing import Any

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
