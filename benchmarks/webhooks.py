"""Measure events and webhooks: `python -m benchmarks.webhooks [--quick] [--write]`.

Deliveries a second and CPU time a delivery, beside a bare loop that only sends; the latency of
healthy receivers while as many others hang; what an event costs the request that publishes it; and
what idle event streams cost. Each figure stands beside its peer, measured in the same run.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from app.core.config.settings import Settings
from app.core.persistence.tenancy import Caller, Role
from app.core.unit_of_work.session import WriteSession
from app.integrations.webhooks.subscriptions.schemas import EndpointCreate, EndpointUpdate
from app.integrations.webhooks.subscriptions.service import EndpointService
from app.kit.ids import ApplicationId, EndpointId, MemberId, new_id
from app.tracking.applications.events import ApplicationStageChanged
from app.worker import build_endpoint_service, start_notifier
from benchmarks import records
from benchmarks.event_streams import listen
from benchmarks.load import Cost, Requests, measure
from benchmarks.operations import create, move
from benchmarks.page import put
from benchmarks.receiver import ASIDE, HANGING, WELL, Receiver, receiving
from benchmarks.server_without_events import DROP, KEEP
from benchmarks.servers import OURS, Server, databases, serving
from benchmarks.webhook_client import measure as post
from benchmarks.webhook_client import plain_aiohttp
from tests.support.servers import DEBRIEF, SECRET, environment
from tests.support.service import create_member

SILENT = (sys.executable, "-m", "benchmarks.server_without_events")
ENDPOINTS = 20  # that each event of the throughput is told to
PAIRS = 50  # of a healthy and a hanging endpoint
A_SECOND = 40
PATIENCE_SECONDS = 180.0
SERVERS = 5  # one after another
TURNS = 24
WARM_UP = 8
OPERATIONS = (("POST an application", create), ("PATCH its stage", move))

_TITLE = "Events and webhooks"
_TEXT = """
`python -m benchmarks.webhooks` measures this in some minutes, apart from `make bench`.

{deliveries:,} deliveries to {endpoints} endpoints on this machine, whose receiver only answers. CPU
is that of the worker processes alone, from reading an event to recording its attempt, in
microseconds a delivery. The bare loop sends the same number of requests, sixteen at a time, with
the same client library, and neither reads nor records anything. Workers, receiver and database
share {cores} cores.

| database | sender | deliveries a second | CPU µs |
|---|---|---:|---:|
{sent}

Latency from an event to its arrival at a healthy receiver, in milliseconds: {pairs} of them, while
as many others answer, and while those hang until their timeout. {a_second} events a second, one
worker, PostgreSQL.

| the others | median | p95 | p99 |
|---|---:|---:|---:|
{late}

CPU microseconds of the server for a request that publishes an event, and for the same one where
the same server drops the event; the share of that, and of the time of a request, is the median of
{turns} pairs of short turns, on {servers} servers one after another.

| database | operation | CPU µs | without the event | share of CPU | of time |
|---|---|---:|---:|---:|---:|
{cost}

Open event streams (`GET /v1/events/stream`) in one idle server process, SQLite.

| streams | memory each, KiB | CPU while idle, % of a core | until all had an event, s |
|---:|---:|---:|---:|
{idle}
"""


class Plan(NamedTuple):
    """How much is measured."""

    events: int
    seconds: int
    operations: int
    listeners: Sequence[int]


FULL = Plan(300, seconds=20, operations=400, listeners=(500, 2_000))
QUICK = Plan(50, seconds=5, operations=200, listeners=(100,))


@dataclass(frozen=True, slots=True)
class World:
    """A workspace whose members have endpoints at the receiver, and whose events we make."""

    url: str
    search: records.Search
    receiver: Receiver

    @property
    def candidate(self) -> Caller:
        """Whose record it is."""
        return self.caller(self.search.candidate_id)

    def caller(self, member_id: MemberId) -> Caller:
        """Return somebody of this workspace."""
        return Caller(self.search.workspace_id, member_id, Role.CANDIDATE, frozenset())

    def listen(self, caller: Caller, path: str) -> EndpointId:
        """Have somebody told at this path."""
        wanted = EndpointCreate(url=self.receiver.url + path)
        made = self.search.runner.write_sync(caller, self._registrar.create, wanted)
        return made.row.endpoint.id

    def lead_to(self, caller: Caller, endpoint_id: EndpointId, path: str) -> None:
        """Have an endpoint elsewhere from now on."""
        wanted = EndpointUpdate(url=self.receiver.url + path)
        self.search.runner.write_sync(caller, self._registrar.update, endpoint_id, wanted)

    def happen(self, caller: Caller, events: int = 1) -> None:
        """Have something happen to this member's records."""
        subjects = [ApplicationId(new_id("app")) for _ in range(-(-events // 4))]
        facts = [
            ApplicationStageChanged(caller.member_id, subjects[n // 4], "first", "second")
            for n in range(events)
        ]
        self.search.runner.write_sync(caller, _keep, facts)

    @property
    def settings(self) -> Settings:
        """What the processes are told too."""
        return Settings(database_url=self.url, secret=SECRET)

    @property
    def _registrar(self) -> EndpointService:
        return build_endpoint_service(self.settings)


def _keep(session: WriteSession, facts: Sequence[ApplicationStageChanged]) -> None:
    session.append_events(*facts)


def main() -> None:
    """Measure everything, print it, and write it down if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.webhooks", description=__doc__)
    parser.add_argument("--quick", action="store_const", const=QUICK, default=FULL, dest="plan")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    options = parser.parse_args()
    section = measure_all(options.plan)
    print(section)
    if options.write:
        put(_TITLE, section)


def measure_all(plan: Plan) -> str:
    """Return the section of the page."""
    with databases() as urls, receiving() as receiver:
        worlds = {kind: World(url, records.begin(url), receiver) for kind, url in urls.items()}
        cost = list(_costs(plan))
        idle = list(_idle(plan, worlds["SQLite"]))
        late = list(_latencies(plan, worlds["PostgreSQL"]))
        sent = list(_throughputs(plan, worlds))
    return _TEXT.format(
        deliveries=plan.events * ENDPOINTS,
        endpoints=ENDPOINTS,
        cores=os.cpu_count(),
        pairs=PAIRS,
        turns=TURNS * SERVERS,
        servers=SERVERS,
        a_second=A_SECOND,
        sent="\n".join(sent),
        late="\n".join(late),
        cost="\n".join(cost),
        idle="\n".join(idle),
    )


# --- deliveries a second ------------------------------------------------------


def _throughputs(plan: Plan, worlds: dict[str, World]) -> Iterator[str]:
    receiver = worlds["SQLite"].receiver
    posts = plan.events * ENDPOINTS
    bare = asyncio.run(post(plain_aiohttp, receiver.url + ASIDE, posts, 16))
    yield f"| none | a bare loop | {bare.a_second:.0f} | {bare.microseconds:.0f} |"
    for kind, world in worlds.items():
        for _ in range(ENDPOINTS):
            world.listen(world.candidate, WELL)
        for number in (0,) if kind == "SQLite" else (1, 2, 4):
            _say(f"deliveries: {kind}, {number} workers")
            with _sending(world, number) as cpu_seconds:
                a_second, cpu_us = _deliver(plan, world, cpu_seconds)
            name = f"{number} worker{'s' * (number > 1)}" if number else "the server itself"
            yield f"| {kind} | {name} | {a_second:.0f} | {cpu_us:.0f} |"


def _deliver(plan: Plan, world: World, cpu_seconds: Callable[[], float]) -> tuple[float, float]:
    """Have events told; return deliveries a second, and the processor time of one in µs."""
    receiver, expected = world.receiver, plan.events * ENDPOINTS
    receiver.start_anew()
    before = cpu_seconds()
    world.happen(world.candidate, plan.events)
    receiver.wait_for(expected, PATIENCE_SECONDS)
    time.sleep(1)  # what came of the last ones is written down
    used = cpu_seconds() - before
    took = receiver.last_at.value - receiver.first_at.value
    return expected / took, used / expected * 1e6


@contextmanager
def _sending(world: World, workers: int) -> Iterator[Callable[[], float]]:
    """Run so many workers, or the server with its own; give their processor time together."""
    with ExitStack() as stack:
        if workers:
            running = [stack.enter_context(_worker(world.url)) for _ in range(workers)]
            time.sleep(2)
        else:
            running = [stack.enter_context(serving(OURS, world.url))]
        yield lambda: sum(each.cpu_seconds() for each in running)


@contextmanager
def _worker(url: str) -> Iterator[Server]:
    command, told = (DEBRIEF, "worker"), environment(url)
    with subprocess.Popen(command, env=told, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout  # noqa: S101 - it is a pipe
            process.stdout.readline()
            yield Server(process, "", 0)
        finally:
            process.terminate()


# --- how late -----------------------------------------------------------------


def _latencies(plan: Plan, world: World) -> Iterator[str]:
    keys = [
        create_member(world.search.runner, Role.CANDIDATE, world.search.workspace_id)
        for _ in range(2 * PAIRS)
    ]
    callers = [world.caller(key.member_id) for key in keys]
    others = callers[1::2]
    endpoints = [
        world.listen(one, WELL if number % 2 == 0 else ASIDE) for number, one in enumerate(callers)
    ]
    stop_carrying = start_notifier(world.settings, world.search.runner)
    with _sending(world, 1):
        for name in ("answer", "hang"):
            _say(f"latency while the others {name}")
            if name == "hang":
                for one, endpoint_id in zip(others, endpoints[1::2], strict=True):
                    world.lead_to(one, endpoint_id, HANGING)
                _happen_steadily(world, callers, 5)  # until they are known to
            world.receiver.start_anew()
            _happen_steadily(world, callers, plan.seconds)
            time.sleep(2)
            late = statistics.quantiles(world.receiver.lateness(), n=100)
            cells = " | ".join(f"{late[at - 1] * 1000:.0f}" for at in (50, 95, 99))
            yield f"| {name} | {cells} |"
    stop_carrying()
    for one, endpoint_id in zip(callers, endpoints, strict=True):
        world.lead_to(one, endpoint_id, ASIDE)


def _happen_steadily(world: World, callers: Sequence[Caller], seconds: int) -> None:
    began = time.monotonic()
    for number in count():
        due = began + number / A_SECOND
        if due > began + seconds:
            return
        time.sleep(max(0, due - time.monotonic()))
        world.happen(callers[number % len(callers)])


# --- what a request pays ------------------------------------------------------


def _costs(plan: Plan) -> Iterator[str]:
    with databases() as urls:
        for kind, url in urls.items():
            pairs: dict[str, list[tuple[Cost, Cost]]] = {}
            for number in range(1, SERVERS + 1):
                _say(f"{kind}: requests with an event and without, {number} of {SERVERS}")
                search = records.begin(url)
                search.grow_to(plan.operations)
                with serving(SILENT, url, worker=False) as server:
                    for name, make in OPERATIONS:
                        costs = _in_turns(plan.operations // 4, make(search), server, search)
                        pairs.setdefault(name, []).extend(costs)
            for name, costs in pairs.items():
                yield f"| {kind} | {name} | {_shares(costs)} |"


def _in_turns(
    operations: int, make: Requests, server: Server, search: records.Search
) -> Sequence[tuple[Cost, Cost]]:
    """Return what requests cost with their events and without.

    Measured in short turns, because a machine is now faster and now slower for seconds on end:
    two neighbours compare, now the one and now the other first. Both are of one process, because
    a server that is started twice costs now more and now less too.
    """
    numbers = count(step=operations)
    measure(server, make, next(numbers), operations)
    records.settle(search)  # there are some events by now, as there would be
    pairs = []
    for turn in range(TURNS):
        cost = {}
        for wanted in (DROP, KEEP) if turn % 2 else (KEEP, DROP):
            server.process.send_signal(wanted)
            measure(server, make, next(numbers), WARM_UP)
            cost[wanted] = measure(server, make, next(numbers), operations)
        pairs.append((cost[KEEP], cost[DROP]))
    return pairs


def _shares(pairs: Sequence[tuple[Cost, Cost]]) -> str:
    """Tell the middle of many pairs, and what share of it the event is."""
    middle = statistics.median
    cpu, without = (middle(pair[n].cpu_us for pair in pairs) for n in (0, 1))
    of_cpu = middle(1 - bare.cpu_us / full.cpu_us for full, bare in pairs)
    of_time = middle(1 - full.per_second / bare.per_second for full, bare in pairs)
    return f"{cpu:.0f} | {without:.0f} | {of_cpu:.1%} | {of_time:.1%}"


# --- streams ------------------------------------------------------------------


def _idle(plan: Plan, world: World) -> Iterator[str]:
    for listeners in plan.listeners:
        _say(f"{listeners:,} streams")
        with serving(OURS, world.url, worker=False) as server:
            idle = asyncio.run(listen(server, world.search.key, listeners))
        yield (
            f"| {idle.listeners:,} | {idle.kilobytes_each:.0f} | {idle.cpu_percent:.1f} "
            f"| {idle.seconds_to_hear:.1f} |"
        )


def _say(what: str) -> None:
    print(what, flush=True)


if __name__ == "__main__":
    main()
