"""What came, held against what happened: nothing lost, little twice, everything in order."""

import base64
import json
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dev import TOOLBOX, environment
from tests.harness.chaos.fleet import Fleet
from tests.harness.chaos.load import Candidate, Endpoint

ARRIVES = frozenset({"well", "errors", "hangs", "resets", "slow", "busy", "huge"})
"""Kinds of endpoints that take everything in the end."""
MOST_TWICE = 0.01


@dataclass
class Verdict:
    """The figures of a run, and what fell short."""

    events: int = 0
    arrived: int = 0
    twice: int = 0
    verified: int = 0
    verified_in_node: int = 0
    calls: dict[str, int] = field(default_factory=dict)
    shortfalls: list[str] = field(default_factory=list)

    def expect(self, so: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
        """Note what is not so."""
        if not so:
            self.shortfalls.append(otherwise)


Calls = dict[str, list[dict[str, Any]]]
"""What was taken at each path, in the order in which it came."""


def judge(fleet: Fleet, everybody: Sequence[Candidate]) -> Verdict:
    """Compare the feed of every candidate with what their endpoints took."""
    verdict = Verdict(calls=fleet.receiver("GET", "/direct/tally"))
    _judge_signatures(verdict, fleet.took)
    taken = _taken(fleet.took)
    for one in everybody:
        happened = list(_feed(one))
        verdict.events += len(happened)
        for endpoint in one.endpoints:
            if endpoint.kind in ARRIVES:
                _judge_arrivals(verdict, endpoint, happened, taken[endpoint.path])
            if endpoint.kind == "gone":
                _judge_gone(verdict, one, endpoint, happened)
    share = verdict.twice / max(1, verdict.arrived)
    verdict.expect(share < MOST_TWICE, f"{share:.2%} came twice")
    astray = verdict.calls.get("astray", 0)
    verdict.expect(not astray, f"{astray} calls went where nobody sent them")
    return verdict


def follow(messages: Iterable[dict[str, Any]]) -> tuple[dict[str, list[str]], int]:
    """Be a receiver that follows `sequence`: return the ids of each subject, in its order.

    What comes early waits, and what was known is passed over. The number is of those that wait
    for ever, because something before them never came.
    """
    told: defaultdict[str, list[str]] = defaultdict(list)
    early: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for message in messages:
        subject, sequence = message["subject"], message["sequence"]
        if sequence > len(told[subject]):
            early[subject][sequence] = message["event"]
        while (following := early[subject].pop(len(told[subject]) + 1, None)) is not None:
            told[subject].append(following)
    return dict(told), sum(map(len, early.values()))


def _judge_arrivals(
    verdict: Verdict, endpoint: Endpoint, happened: Sequence[Any], taken: Sequence[dict[str, Any]]
) -> None:
    came = Counter(message["event"] for message in taken)
    verdict.arrived += len(came)
    verdict.twice += came.total() - len(came)
    lost = [event for event in happened if event["id"] not in came]
    verdict.expect(not lost, f"{endpoint.path}: {len(lost)} of {len(happened)} are lost")
    in_order: defaultdict[str, list[str]] = defaultdict(list)
    for event in happened:
        in_order[event["subject"]].append(event["id"])
    followed, waiting = follow(taken)
    verdict.expect(followed == in_order, f"{endpoint.path}: another order than it happened in")
    verdict.expect(not waiting, f"{endpoint.path}: {waiting} wait for what never came")


def _judge_gone(
    verdict: Verdict, one: Candidate, endpoint: Endpoint, happened: Sequence[Any]
) -> None:
    shown = one.call("GET", f"/v1/webhook-endpoints/{endpoint.id}")
    is_off = (shown["state"], shown["disabled_reason"]) == ("disabled", "gone")
    verdict.expect(is_off, f"{endpoint.path} is still told")
    told = [event for event in happened if event["subject"] == endpoint.id]
    is_told = [event["type"] for event in told] == ["endpoint.disabled"]
    verdict.expect(is_told, f"the owner of {endpoint.path} was told {len(told)} times")


def _judge_signatures(verdict: Verdict, took: Path) -> None:
    unverified = verdict.calls.get("unverified", 0)
    verdict.verified = sum(n for word, n in verdict.calls.items() if word.endswith("taken"))
    verdict.verified -= unverified
    verdict.expect(not unverified, f"{unverified} not verified in Python")
    program = Path(__file__).parent / "verify.mjs"
    said = subprocess.run(  # noqa: S603 - our own program
        ["node", str(program), str(TOOLBOX), str(took)],  # noqa: S607 - the environment's own
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    told = json.loads(said)
    verdict.verified_in_node = told["verified"]
    verdict.expect(not told["failed"], f"{told['failed']} not verified in Node: {told['first']}")
    is_same = verdict.verified_in_node == verdict.verified
    verdict.expect(is_same, "Python and Node did not verify the same number")


def _taken(took: Path) -> Calls:
    by_path: Calls = defaultdict(list)
    with took.open(encoding="utf-8") as lines:
        for line in lines:
            call = json.loads(line)
            if call["is_taken"]:
                message = json.loads(base64.b64decode(call["body"]))
                by_path[call["path"]].append(message["data"])
    return by_path


def _feed(one: Candidate) -> Iterator[Any]:
    cursor = ""
    while True:
        page = one.call("GET", f"/v1/events?limit=100{cursor}")
        yield from page["data"]
        if not page["has_more"]:
            return
        cursor = f"&cursor={page['next_cursor']}"
