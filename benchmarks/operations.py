"""The operations that are measured, as raw requests."""

import json
from collections.abc import Callable

from app.scoring import SignalId
from benchmarks.load import Requests, request
from benchmarks.records import COMPANIES, Search

_STRIDE = 7919  # a prime: neighbours in time are not neighbours in the table
_LEVELS = ("absent", "somewhat", "clearly")


def get_one(search: Search) -> Requests:
    """GET one application, each time another."""
    known, key = search.applications, search.key

    def make(number: int) -> list[bytes]:
        return [request("GET", f"/v1/applications/{known[number * _STRIDE % len(known)]}", key)]

    return make


def list_fifty(search: Search, cursor: str = "") -> Requests:
    """GET a page of 50 applications: the newest, or those after a cursor."""
    message = request("GET", f"/v1/applications?limit=50{cursor}", search.key)
    return lambda _: [message]


def observe_and_estimate(search: Search) -> Requests:
    """PUT the eleven signs and five cues of an interview, then GET the estimate."""
    pairs = list(zip(search.applications, search.interviews, strict=True))

    def make(number: int) -> list[bytes]:
        application, interview = pairs[number * _STRIDE % len(pairs)]
        body = json.dumps({"signals": _signals(number)}).encode()
        return [
            request("PUT", f"/v1/interviews/{interview}/signals", search.key, body),
            request("GET", f"/v1/applications/{application}/estimate", search.key),
        ]

    return make


def create(search: Search) -> Requests:
    """POST an application at a company that is known already."""

    def make(number: int) -> list[bytes]:
        wanted = {
            "company": {"name": f"Company {number % COMPANIES}"},
            "job_title": "Backend Engineer",
            "applied_on": "2026-10-19",
            "location": "Leeds",
        }
        return [request("POST", "/v1/applications", search.key, json.dumps(wanted).encode())]

    return make


def move(search: Search) -> Requests:
    """PATCH the stage of an application, each time another, to another than it has."""
    known, key = search.applications, search.key
    stages = ("second", "final")

    def make(number: int) -> list[bytes]:
        path = f"/v1/applications/{known[number % len(known)]}"
        body = json.dumps({"stage": stages[number // len(known) % 2]}).encode()
        return [request("PATCH", path, key, body)]

    return make


OPERATIONS: dict[str, Callable[[Search], Requests]] = {
    "GET one application": get_one,
    "GET a list of 50": list_fifty,
    "PUT signals, GET the estimate": observe_and_estimate,
    "POST an application": create,
}


def _signals(number: int) -> dict[str, str]:
    asked = [signal for signal in SignalId if signal is not SignalId.GOOD_FEEDBACK_TO_RECRUITER]
    # The number in base three: no two sheets of a run are the same.
    levels = {signal: _LEVELS[number // 3**place % 3] for place, signal in enumerate(asked)}
    return levels | {SignalId.GOOD_FEEDBACK_TO_RECRUITER: "positive"}
