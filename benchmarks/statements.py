"""Measure one small statement: `python -m benchmarks.statements`.

The same SELECT by SQLAlchemy, compiled as the service runs it, and by the driver alone with bound
values; CPU time of the thread in microseconds, the least of several rounds.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sqlalchemy import Connection

from app.core.persistence.compiled import CompiledStatement, compile_cached
from app.core.persistence.tenancy import Role
from app.tracking.applications.repository import APPLICATION_SUMMARY
from benchmarks import records
from benchmarks.servers import databases

ROUNDS, TIMES = 9, 1_000


def main() -> None:
    """Measure on both databases and print a table."""
    print("| database | SQLAlchemy | prepared | driver alone |\n|---|---:|---:|---:|")
    with databases() as urls:
        for kind, url in urls.items():
            search = records.begin(url)
            search.grow_to(1_000)
            records.settle(search)
            lane = search.runner.database.readers
            costs = lane.run_sync(partial(_measure, search))
            print(f"| {kind} | " + " | ".join(f"{cost:.1f}" for cost in costs) + " |")


def _measure(search: records.Search, connection: Connection) -> list[float]:
    search.runner.database.set_workspace(connection, search.workspace_id)
    calls = list(_ways(search, connection))
    rounds = [[_cost(call) for call in calls] for _ in range(ROUNDS)]
    return [min(costs) for costs in zip(*rounds, strict=True)]


def _ways(search: records.Search, connection: Connection) -> Iterator[Callable[[], object]]:
    statement = APPLICATION_SUMMARY.for_role(Role.CANDIDATE)
    told = {
        "workspace_id": search.workspace_id,
        "member_id": search.candidate_id,
        "id": search.applications[500],
    }
    ready = compile_cached(statement, connection.dialect)
    yield lambda: connection.execute(statement, told).all()
    yield lambda: compile_cached(statement, connection.dialect).fetch_all(
        connection, told, APPLICATION_SUMMARY.projection._make
    )
    yield _by_driver(ready, connection, told)


def _by_driver(
    ready: CompiledStatement, connection: Connection, told: dict[str, Any]
) -> Callable[[], Any]:
    raw: Any = connection.connection.driver_connection
    kept = ready.bind_params(told)
    return lambda: raw.execute(ready.text, kept).fetchall()


def _cost(call: Callable[[], object]) -> float:
    before = time.thread_time()
    for _ in range(TIMES):
        call()
    return (time.thread_time() - before) / TIMES * 1e6


if __name__ == "__main__":
    main()
