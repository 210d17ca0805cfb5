"""Measure requests: `python -m benchmarks [--quick] [--write]`.

Everything is measured beside a peer in the same run, in turns. The best of several rounds counts,
because other work of the machine only ever adds.
"""

import argparse
import json
import os
import platform
import sys
import timeit
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import NamedTuple

from app.kit.ids import uuid_decoder
from app.scoring import ELICITED, Case, Interview, Level, Round, SignalId, estimate
from benchmarks import records
from benchmarks.import_export import sections_measured_apart
from benchmarks.load import CONNECTIONS, Cost, Requests, answer_to, measure, request
from benchmarks.operations import OPERATIONS, create, get_one, list_fifty, observe_and_estimate
from benchmarks.page import PAGE
from benchmarks.servers import OURS, RAW, Server, databases, serving

_PREFACE = """\
# Benchmarks

`make bench` (`python -m benchmarks`) measures again on your machine; `--quick` takes
under a minute. The load comes from another process over loopback connections that are kept open.

The peer, `benchmarks/raw_app.py`, is a FastAPI app that does the same work with the driver
alone: the same schemas, tables, durability and JSON, `def` endpoints on the framework's thread
pool, an API key looked up as often. It leaves out what the service adds: tenant filters, roles,
ETags, events, problems, request ids, strict query parameters, retries.

What is not claimed: anything about other machines, networks, or a database on another host.

How good the estimate is, and how long learning takes: [scoring.md](scoring.md).

"""
_BESIDE = """
## Beside a raw-driver app

{size:,} applications. CPU is that of the server process alone, in microseconds an operation.

| database | operation | CPU µs | raw µs | ours / raw | a second | raw, a second |
|---|---|---:|---:|---:|---:|---:|"""
_GROWTH = """
## Growth

CPU microseconds an operation and, in brackets, operations a second, by the number of applications
that one candidate has, each with an interview and its signals. PostgreSQL's own processes are
not in the microseconds; the time they take is in the operations a second.
"""
_SCORING = """
## The estimate itself

In the process, without HTTP: contributions, both intervals, coverage and the questions worth
asking next.

| what | µs |
|---|---:|"""

US = 1e6


class Plan(NamedTuple):
    """How long to measure."""

    rounds: int
    operations: int  # of each kind in a round
    sizes: tuple[int, ...]  # applications of the candidate


# The recruiter's feedback has levels of its own.
_ASKED: list[SignalId] = [
    signal for signal in SignalId if signal is not SignalId.GOOD_FEEDBACK_TO_RECRUITER
]

FULL = Plan(rounds=5, operations=1_200, sizes=(1_000, 10_000, 100_000))
QUICK = Plan(rounds=2, operations=200, sizes=(1_000, 5_000))


def main() -> None:
    """Measure, print the tables, and write them down if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute, and less exact")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    options = parser.parse_args()
    plan = QUICK if options.quick else FULL
    lines = [*_heading(plan)]
    with databases() as urls:
        searches = {kind: records.begin(url) for kind, url in urls.items()}
        lines += _against_raw(plan, searches, urls)
        lines += _growth(plan, searches, urls)
    lines += _scoring()
    page = _PREFACE + "\n".join(lines) + "\n"
    print(page)
    if options.write:
        PAGE.write_text(page + sections_measured_apart(), encoding="utf-8")


def _heading(plan: Plan) -> Iterator[str]:
    names = ("fastapi", "uvicorn", "sqlalchemy", "pydantic", "psycopg")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    python = f"CPython {platform.python_version()}"
    yield f"Measured on {datetime.now(UTC):%Y-%m-%d}: {machine}, {python},"
    yield f"{versions}."
    yield f"{CONNECTIONS} connections, {plan.rounds} rounds of {plan.operations} operations each;"
    yield "the best round counts."


def _against_raw(
    plan: Plan, searches: Mapping[str, records.Search], urls: Mapping[str, str]
) -> Iterator[str]:
    yield _BESIDE.format(size=plan.sizes[0])
    for kind, search in searches.items():
        search.grow_to(plan.sizes[0])
        records.settle(search)
        with serving(OURS, urls[kind]) as ours, serving(RAW, _for_raw(urls[kind], search)) as raw:
            for name, make in OPERATIONS.items():
                _tell(f"{kind}: {name}")
                mine, peer = _in_turns(plan, make(search), ours, raw)
                yield (
                    f"| {kind} | {name} | {mine.cpu_us:.0f} | {peer.cpu_us:.0f} "
                    f"| {mine.cpu_us / peer.cpu_us:.2f} | {mine.per_second:.0f} "
                    f"| {peer.per_second:.0f} |"
                )


def _growth(
    plan: Plan, searches: Mapping[str, records.Search], urls: Mapping[str, str]
) -> Iterator[str]:
    yield _GROWTH
    yield f"| database | operation | {' | '.join(f'{size:,}' for size in plan.sizes)} |"
    yield "|---|---|" + "---:|" * len(plan.sizes)
    for kind, search in searches.items():
        columns = [_at_size(plan, search, urls[kind], size) for size in plan.sizes]
        for name in columns[0]:
            cells = (_cell(column[name]) for column in columns)
            yield f"| {kind} | {name} | " + " | ".join(cells) + " |"


def _cell(cost: Cost) -> str:
    return f"{cost.cpu_us:.0f} ({cost.per_second:.0f})"


def _at_size(plan: Plan, search: records.Search, url: str, size: int) -> dict[str, Cost]:
    _tell(f"{url.partition(':')[0]}: {size:,} applications")
    search.grow_to(size)
    records.settle(search)
    with serving(OURS, url) as server:
        makes = {
            "GET one": get_one(search),
            "list of 50, newest": list_fifty(search),
            "list of 50, half-way down": list_fifty(search, _half_way(server, search)),
            "PUT signals, GET the estimate": observe_and_estimate(search),
            "POST": create(search),
        }
        return {name: _best(plan, make, server) for name, make in makes.items()}


def _half_way(server: Server, search: records.Search) -> str:
    """Walk half the list and return the query that goes on from there."""
    query = ""
    for _ in range(len(search.applications) // 200):
        message = request("GET", f"/v1/applications?limit=100{query}", search.key)
        query = "&cursor=" + json.loads(answer_to(server, message))["next_cursor"]
    return query


def _in_turns(plan: Plan, make: Requests, ours: Server, raw: Server) -> tuple[Cost, Cost]:
    count = plan.operations
    rounds = []
    for turn in range(plan.rounds + 1):
        first = turn * 2 * count
        rounds.append((measure(ours, make, first, count), measure(raw, make, first + count, count)))
    mine, peers = zip(*rounds[1:], strict=True)  # the first round warms up
    return _least(mine), _least(peers)


def _best(plan: Plan, make: Requests, server: Server) -> Cost:
    count = plan.operations // 2
    measure(server, make, 0, count // 2)
    return _least([measure(server, make, (n + 1) * count, count) for n in range(plan.rounds)])


def _least(costs: tuple[Cost, ...] | list[Cost]) -> Cost:
    return Cost(min(cost.cpu_us for cost in costs), max(cost.per_second for cost in costs))


def _for_raw(url: str, search: records.Search) -> str:
    """Return the URL with which the peer's connections serve this one workspace."""
    if url.startswith("sqlite"):
        return url
    workspace = uuid_decoder("ws")(search.workspace_id)
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}options=-cdebrief.workspace_id%3D{workspace}"


def _scoring() -> Iterator[str]:
    yield _SCORING
    for name, case in _cases().items():
        yield f"| {name} | {_time(partial(estimate, case, ELICITED)):.0f} |"


def _cases() -> dict[str, Case]:
    def held(number: int, answered: int) -> Interview:
        signals = dict.fromkeys(_ASKED[:answered], Level.SOMEWHAT)
        return Interview(str(number), Round.FIRST, signals)

    return {
        "one interview, fifteen answers": Case((held(1, 15),)),
        "one interview, five answers, eleven open": Case((held(1, 5),)),
        "one interview, nothing answered": Case((held(1, 0),)),
        "three interviews, five answers each": Case(tuple(held(n, 5) for n in range(3))),
    }


def _time(call: Callable[[], object]) -> float:
    return min(timeit.repeat(call, number=200, repeat=7)) / 200 * US


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
