"""Deliveries under fire, on each database: `python -m tests.harness.chaos [--long | --quick]`.

Eight candidates make events while their receivers misbehave in every way, secrets are rotated,
workers are killed and PostgreSQL falls over. Exits with 1 when an event did not arrive where it
should, when more than one in a hundred came twice, when a receiver that follows `sequence` could
not restore the order, or when a signature did not hold.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.harness.chaos.fleet import Fleet, running
from tests.harness.chaos.judging import ARRIVES, Verdict, judge
from tests.harness.chaos.load import (
    Candidate,
    Rotation,
    candidates,
    is_all_published,
    make_events,
    prepare,
)
from tests.support.databases import crash_postgresql, postgresql

WORKERS = {"sqlite": 1, "postgresql": 3}
SETTLES_WITHIN = 300.0  # seconds after the last event


class Plan(NamedTuple):
    """How much is done to each database."""

    events: int
    kills: int
    a_second: float


PLAN = Plan(20_000, kills=50, a_second=100)
LONG = Plan(100_000, kills=50, a_second=150)
QUICK = Plan(1_500, kills=4, a_second=75)


def main() -> None:
    """Run on both databases, and sum up."""
    parser = argparse.ArgumentParser(prog="python -m tests.harness.chaos", description=__doc__)
    parser.add_argument("--long", action="store_const", const=LONG, default=PLAN, dest="plan")
    parser.add_argument("--quick", action="store_const", const=QUICK, dest="plan")
    parser.add_argument("--only", choices=WORKERS, help="one of the databases")
    options = parser.parse_args()
    names = [options.only] if options.only else list(WORKERS)
    fell_short = [endure(name, options.plan) for name in names]
    sys.exit(any(fell_short))


def endure(name: str, plan: Plan) -> bool:
    """Run over an empty database; print what came of it and return whether it fell short."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        is_sqlite = name == "sqlite"
        url = f"sqlite:///{folder}/debrief.db" if is_sqlite else postgresql(folder, "chaos")
        prepare(url)
        with running(url, WORKERS[name], folder) as fleet:
            everybody = candidates(url, fleet)
            rotated = _fire(plan, fleet, everybody, None if is_sqlite else folder)
            is_settled = _settle(url, everybody, fleet)
            verdict = judge(fleet, everybody)
        verdict.expect(is_settled, f"something was still due after {SETTLES_WITHIN:.0f} s")
        verdict.expect(fleet.kills >= plan.kills, f"only {fleet.kills} kills")
    print(f"{name}: {_figures(verdict, fleet, rotated)} ({time.monotonic() - began:.0f} s)")
    for shortfall in verdict.shortfalls:
        print(f"  {shortfall}")
    return bool(verdict.shortfalls)


def _fire(plan: Plan, fleet: Fleet, everybody: Sequence[Candidate], folder: Path | None) -> int:
    """Make the events, and trouble between them; return how many secrets were rotated."""
    rotation = Rotation(fleet, everybody)
    has_crashed = folder is None
    told = 0
    for made in make_events(everybody, plan.events, plan.a_second):
        if made * (plan.kills + 1) >= (fleet.kills + 1) * plan.events:
            fleet.kill_one()
        if not has_crashed and folder and made * 2 >= plan.events:
            has_crashed = True
            crash_postgresql(folder)
            _tell("PostgreSQL fell over, and is back")
        rotation.look()
        if made * 10 >= told * plan.events:
            told += 1
            _tell(f"{made:,} events made, {fleet.kills} kills")
    for _ in range(4 * plan.kills):  # those that found nobody at work
        if fleet.kills >= plan.kills:
            break
        time.sleep(1)
        fleet.kill_one()
    return rotation.rotated


def _settle(url: str, everybody: Sequence[Candidate], fleet: Fleet) -> bool:
    """Wait until nothing is due any more; return whether that came."""
    began = time.monotonic()
    _tell("waiting until nothing is due")
    while time.monotonic() - began < SETTLES_WITHIN:
        for worker in fleet.workers:
            worker.look_after()
        if is_all_published(url) and not any(_is_anything_due(one) for one in everybody):
            _tell(f"nothing is due, {time.monotonic() - began:.0f} s after the last event")
            return True
        time.sleep(1)
    return False


def _is_anything_due(one: Candidate) -> bool:
    states = "/v1/webhook-endpoints/{}/deliveries?state=pending&limit=1"
    return any(
        one.call("GET", states.format(endpoint.id))["data"]
        for endpoint in one.endpoints
        if endpoint.kind in ARRIVES
    )


def _figures(verdict: Verdict, fleet: Fleet, rotated: int) -> str:
    not_taken = sum(n for word, n in verdict.calls.items() if word.endswith("not taken"))
    return (
        f"{verdict.events:,} events, {verdict.arrived:,} deliveries arrived, "
        f"{verdict.twice:,} twice ({verdict.twice / max(1, verdict.arrived):.2%}), "
        f"{not_taken:,} attempts not taken, {fleet.kills} kills, {rotated} rotations, "
        f"{verdict.verified:,} verified in Python and {verdict.verified_in_node:,} in Node, "
        f"{len(verdict.shortfalls)} shortfalls"
    )


def _tell(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
