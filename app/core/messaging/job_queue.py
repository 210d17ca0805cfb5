"""Job queue: background jobs as leased rows.

A job row represents all due work of one kind for one resource: all deliveries to one endpoint, all
new events of one workspace. A transaction that creates work enqueues the job. One worker at a time
leases it, and releases it with the time of its next run. A worker that dies releases nothing: its
lease expires, and another worker leases the job. A row holds ids and counters only, because workers
read the rows of every workspace.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    Index,
    and_,
    bindparam,
    case,
    delete,
    false,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import Base
from app.core.persistence.compiled import compile_cached
from app.core.persistence.types import UtcDateTime
from app.kit.ids import WorkspaceId


class JobRow(Base):
    """The work of one kind for one thing; `due_at` is null while there is none.

    `requested_count` counts how often it was enqueued, `completed_count` how much of that is done.
    """

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due", "kind", "is_slow", "due_at"),)

    workspace_id: Mapped[WorkspaceId] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    requested_count: Mapped[int] = mapped_column(BigInteger)
    completed_count: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[datetime | None]
    lease_id: Mapped[str | None]
    is_slow: Mapped[bool]
    failures: Mapped[int]


@dataclass(frozen=True, slots=True)
class Job:
    """A leased job: how often it was enqueued until then, and how much of that is done."""

    workspace_id: WorkspaceId
    kind: str
    key: str
    requested_count: int
    completed_count: int
    failures: int
    lease_id: str


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a handler reports: how much is done, and when to run again, None for never.

    A slow job is one that keeps a worker waiting. Slow jobs have a concurrency limit of their own.
    """

    completed_count: int
    run_again_at: datetime | None = None
    is_slow: bool = False
    failures: int = 0


class LeaseLostError(Exception):
    """Another worker holds the lease of this job now; nothing was written."""


class _RequestedCount(NamedTuple):
    requested_count: int


_jobs = JobRow.table()
_is_job = and_(
    _jobs.c.workspace_id == bindparam("workspace"),
    _jobs.c.kind == bindparam("job_kind"),
    _jobs.c.key == bindparam("job_key"),
)
_now = bindparam("now", type_=UtcDateTime())
_NEW_JOB = {
    "workspace_id": bindparam("workspace"),
    "kind": bindparam("job_kind"),
    "key": bindparam("job_key"),
    "requested_count": bindparam("times"),
    "completed_count": literal_column("0"),
    "due_at": bindparam("at", type_=UtcDateTime()),
    "is_slow": false(),
    "failures": literal_column("0"),
}
# The `due_at` of a leased job is the end of its lease, and stays.
_EARLIER_DUE_AT = case(
    (
        and_(
            _jobs.c.lease_id.is_(None),
            or_(_jobs.c.due_at.is_(None), _jobs.c.due_at > bindparam("at", type_=UtcDateTime())),
        ),
        bindparam("at", type_=UtcDateTime()),
    ),
    else_=_jobs.c.due_at,
)
_AGAIN = {
    "requested_count": _jobs.c.requested_count + bindparam("times"),
    "due_at": _EARLIER_DUE_AT,
}
_KEY = ("workspace_id", "kind", "key")
_ENQUEUE = {
    "sqlite": sqlite.insert(_jobs)
    .values(_NEW_JOB)
    .on_conflict_do_update(index_elements=_KEY, set_=_AGAIN)
    .returning(_jobs.c.requested_count),
    "postgresql": postgresql.insert(_jobs)
    .values(_NEW_JOB)
    .on_conflict_do_update(index_elements=_KEY, set_=_AGAIN)
    .returning(_jobs.c.requested_count),
}
ENQUEUE_CTE = _ENQUEUE["postgresql"].cte("enqueued")
"""`enqueue` as a part of a larger statement (PostgreSQL; SQLite has no CTEs that write)."""

_DUE = (
    select(_jobs.c.workspace_id, _jobs.c.kind, _jobs.c.key)
    .where(
        _jobs.c.kind == bindparam("job_kind"),
        _jobs.c.is_slow == bindparam("slow"),
        _jobs.c.due_at <= _now,
    )
    .order_by(_jobs.c.due_at)
    .limit(bindparam("limit"))
)
_LEASE_DUE = (
    update(_jobs)
    .where(
        tuple_(_jobs.c.workspace_id, _jobs.c.kind, _jobs.c.key).in_(
            _DUE.with_for_update(skip_locked=True)
        ),
        # Repeated: PostgreSQL may have waited for a row that another worker leased meanwhile.
        _jobs.c.due_at <= _now,
    )
    .values(lease_id=bindparam("new_lease"), due_at=bindparam("until", type_=UtcDateTime()))
    .returning(
        _jobs.c.workspace_id,
        _jobs.c.kind,
        _jobs.c.key,
        _jobs.c.requested_count,
        _jobs.c.completed_count,
        _jobs.c.failures,
    )
)
_is_held = and_(_is_job, _jobs.c.lease_id == bindparam("held_lease"))
_RELEASE = (
    update(_jobs)
    .where(_is_held)
    .values(
        # A handler that failed half-way reports the count it began with.
        completed_count=case(
            (_jobs.c.completed_count > bindparam("now_done"), _jobs.c.completed_count),
            else_=bindparam("now_done"),
        ),
        lease_id=None,
        due_at=case(
            (_jobs.c.requested_count > bindparam("seen"), _now),
            else_=bindparam("next_at", type_=UtcDateTime()),
        ),
        is_slow=bindparam("slow"),
        failures=bindparam("failed"),
    )
)
_EXTEND = update(_jobs).where(_is_held).values(due_at=bindparam("until", type_=UtcDateTime()))
_CHECKPOINT = (
    update(_jobs)
    .where(_is_held, _jobs.c.completed_count == bindparam("was_done"))
    .values(completed_count=bindparam("now_done"), due_at=bindparam("until", type_=UtcDateTime()))
)
_DELETE_IF_IDLE = delete(_jobs).where(_is_held, _jobs.c.requested_count == bindparam("seen"))
_DUE_KINDS = (
    select(_jobs.c.kind, _jobs.c.is_slow)
    .where(_jobs.c.kind.in_(bindparam("kinds", expanding=True)), _jobs.c.due_at <= _now)
    .distinct()
)
_REQUESTED_COUNTS = select(_jobs.c.workspace_id, _jobs.c.requested_count).where(
    _jobs.c.workspace_id.in_(bindparam("workspaces", expanding=True)),
    _jobs.c.kind == bindparam("job_kind"),
    _jobs.c.key == "",
)


def enqueue(connection: Connection, params: dict[str, object]) -> int:
    """Enqueue the job of `enqueue_params`; return its requested count.

    The row stays locked until the transaction ends, so the counts follow the order of commits.
    """
    statement = compile_cached(_ENQUEUE[connection.dialect.name], connection.dialect)
    return statement.fetch_all(connection, params, _RequestedCount._make)[0].requested_count


def enqueue_params(
    workspace_id: WorkspaceId, kind: str, at: datetime, *, key: str = "", times: int = 1
) -> dict[str, object]:
    """Return the parameters of a job that is due at this time, or earlier if it already is."""
    return {
        "workspace": workspace_id,
        "job_kind": kind,
        "job_key": key,
        "times": times,
        "at": at,
    }


def due_kinds(connection: Connection, kinds: Sequence[str], now: datetime) -> set[tuple[str, bool]]:
    """Return the kinds with a due job, each with whether that job is slow."""
    rows = connection.execute(_DUE_KINDS, {"kinds": list(kinds), "now": now})
    return {(row.kind, row.is_slow) for row in rows}


def requested_counts(
    connection: Connection, kind: str, workspaces: Sequence[WorkspaceId]
) -> dict[WorkspaceId, int]:
    """Return the requested count of this kind in each of these workspaces."""
    rows = connection.execute(_REQUESTED_COUNTS, {"job_kind": kind, "workspaces": list(workspaces)})
    return {row.workspace_id: row.requested_count for row in rows}


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """Which jobs a worker wants to lease: the kind, how many at most, for how long."""

    kind: str
    limit: int
    lease_id: str
    duration: timedelta
    is_slow: bool = False


def lease_due(connection: Connection, request: LeaseRequest, now: datetime) -> list[Job]:
    """Lease jobs that are due, the longest due first; jobs that others hold are skipped."""
    rows = connection.execute(
        _LEASE_DUE,
        {
            "job_kind": request.kind,
            "slow": request.is_slow,
            "limit": request.limit,
            "new_lease": request.lease_id,
            "until": now + request.duration,
            "now": now,
        },
    )
    return [
        Job(
            row.workspace_id,
            row.kind,
            row.key,
            row.requested_count,
            row.completed_count,
            row.failures,
            request.lease_id,
        )
        for row in rows
    ]


def release(connection: Connection, job: Job, result: JobResult, now: datetime) -> bool:
    """End the lease and store what the handler reports; return False when the lease was lost.

    A job that was enqueued again meanwhile is due at once.
    """
    params = {
        "now_done": result.completed_count,
        "seen": job.requested_count,
        "next_at": result.run_again_at,
        "slow": result.is_slow,
        "failed": result.failures,
        "now": now,
    }
    return connection.execute(_RELEASE, _lease_params(job) | params).rowcount == 1


def extend_lease(connection: Connection, job: Job, until: datetime) -> None:
    """Extend the lease; raise LeaseLostError when another worker holds it."""
    _require_lease(connection.execute(_EXTEND, _lease_params(job) | {"until": until}).rowcount)


def checkpoint(connection: Connection, job: Job, before: int, after: int, until: datetime) -> None:
    """Store the progress in the transaction of the work itself, and extend the lease.

    Raises LeaseLostError when another worker holds the lease, or held it and progressed further.
    """
    params = {"was_done": before, "now_done": after, "until": until}
    _require_lease(connection.execute(_CHECKPOINT, _lease_params(job) | params).rowcount)


def delete_if_idle(connection: Connection, job: Job) -> bool:
    """Delete a job that is never due again; return False when it was enqueued meanwhile."""
    params = _lease_params(job) | {"seen": job.requested_count}
    return connection.execute(_DELETE_IF_IDLE, params).rowcount == 1


def _lease_params(job: Job) -> dict[str, object]:
    return {
        "workspace": job.workspace_id,
        "job_kind": job.kind,
        "job_key": job.key,
        "held_lease": job.lease_id,
    }


def _require_lease(rowcount: int) -> None:
    if rowcount != 1:
        raise LeaseLostError
