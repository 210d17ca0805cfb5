"""Jobs: work outside a request, as rows that say what is to be done and when.

A job stands for everything of one kind that is due for one thing: all that one endpoint is to be
sent, all that has happened in one workspace. It is asked for in the transaction that makes it
necessary, taken by one worker at a time for a limited while (a lease), and given back with the
time at which there is more to do. A worker that dies gives nothing back: its lease runs out, and
another takes the job. A job names ids and nothing else, so that it can be found by workers
before it is known whose it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Index,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
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
    """What is to be done for one thing; `due_at` is null while there is nothing to do.

    `asked` counts how often it was asked for, `done` how much of that was done.
    """

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due", "kind", "is_slow", "due_at"),)

    workspace_id: Mapped[WorkspaceId] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    asked: Mapped[int] = mapped_column(BigInteger)
    done: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[datetime | None]
    lease: Mapped[str | None]
    is_slow: Mapped[bool]
    failures: Mapped[int]


@dataclass(frozen=True, slots=True)
class Job:
    """A job that was taken: what was asked for until then, and what of it is done."""

    workspace_id: WorkspaceId
    kind: str
    key: str
    asked: int
    done: int
    failures: int
    lease: str


@dataclass(frozen=True, slots=True)
class JobResult:
    """What is left of a job: how much of it is done, and when there is more to do, if ever.

    A slow job is one that keeps a worker waiting; slow ones have few places among themselves.
    """

    completed_count: int
    run_again_at: datetime | None = None
    is_slow: bool = False
    failures: int = 0


class LeaseLostError(Exception):
    """Another worker has this job now: what was about to be written is not."""


_jobs = JobRow.table()
_named = and_(
    _jobs.c.workspace_id == bindparam("workspace"),
    _jobs.c.kind == bindparam("job_kind"),
    _jobs.c.key == bindparam("job_key"),
)
_now = bindparam("now", type_=UtcDateTime())
_ASKED = {
    "workspace_id": bindparam("workspace"),
    "kind": bindparam("job_kind"),
    "key": bindparam("job_key"),
    "asked": bindparam("times"),
    "done": literal_column("0"),
    "due_at": bindparam("at", type_=UtcDateTime()),
    "is_slow": false(),
    "failures": literal_column("0"),
}
# Not of one that is taken: its `due_at` is when the lease runs out.
_SOONER = case(
    (
        and_(
            _jobs.c.lease.is_(None),
            or_(_jobs.c.due_at.is_(None), _jobs.c.due_at > bindparam("at", type_=UtcDateTime())),
        ),
        bindparam("at", type_=UtcDateTime()),
    ),
    else_=_jobs.c.due_at,
)
_AGAIN = {"asked": _jobs.c.asked + bindparam("times"), "due_at": _SOONER}
_KEY = ("workspace_id", "kind", "key")
_ASK = {
    "sqlite": sqlite.insert(_jobs)
    .values(_ASKED)
    .on_conflict_do_update(index_elements=_KEY, set_=_AGAIN)
    .returning(_jobs.c.asked),
    "postgresql": postgresql.insert(_jobs)
    .values(_ASKED)
    .on_conflict_do_update(index_elements=_KEY, set_=_AGAIN)
    .returning(_jobs.c.asked),
}
ENQUEUE_CTE = _ASK["postgresql"].cte("counted")
"""The same as a part of a larger statement, which not every database can have."""

NEXT_REQUESTED_COUNT: ColumnElement[int] = literal_column("1") + func.coalesce(
    select(_jobs.c.asked).where(_named).scalar_subquery(), literal_column("0")
)
"""How often it will have been asked for once it is asked for again."""

_DUE = (
    select(_jobs.c.workspace_id, _jobs.c.kind, _jobs.c.key)
    .where(
        _jobs.c.kind == bindparam("job_kind"),
        _jobs.c.is_slow == bindparam("slow"),
        _jobs.c.due_at <= _now,
    )
    .order_by(_jobs.c.due_at)
    .limit(bindparam("most"))
)
_TAKE = (
    update(_jobs)
    .where(
        tuple_(_jobs.c.workspace_id, _jobs.c.kind, _jobs.c.key).in_(
            _DUE.with_for_update(skip_locked=True)
        ),
        # Said once more: on PostgreSQL a row may have been taken while this one waited for it.
        _jobs.c.due_at <= _now,
    )
    .values(lease=bindparam("new_lease"), due_at=bindparam("until", type_=UtcDateTime()))
    .returning(
        _jobs.c.workspace_id,
        _jobs.c.kind,
        _jobs.c.key,
        _jobs.c.asked,
        _jobs.c.done,
        _jobs.c.failures,
    )
)
_HELD = and_(_named, _jobs.c.lease == bindparam("held_lease"))
_GIVE_BACK = (
    update(_jobs)
    .where(_HELD)
    .values(
        # A handler that failed half-way says what was done before it began.
        done=case(
            (_jobs.c.done > bindparam("now_done"), _jobs.c.done), else_=bindparam("now_done")
        ),
        lease=None,
        due_at=case(
            (_jobs.c.asked > bindparam("seen"), _now),
            else_=bindparam("next_at", type_=UtcDateTime()),
        ),
        is_slow=bindparam("slow"),
        failures=bindparam("failed"),
    )
)
_RENEW = update(_jobs).where(_HELD).values(due_at=bindparam("until", type_=UtcDateTime()))
_ADVANCE = (
    update(_jobs)
    .where(_HELD, _jobs.c.done == bindparam("was_done"))
    .values(done=bindparam("now_done"), due_at=bindparam("until", type_=UtcDateTime()))
)
_FORGET = delete(_jobs).where(_HELD, _jobs.c.asked == bindparam("seen"))
_DUE_KINDS = (
    select(_jobs.c.kind, _jobs.c.is_slow)
    .where(_jobs.c.kind.in_(bindparam("kinds", expanding=True)), _jobs.c.due_at <= _now)
    .distinct()
)
_MARKS = select(_jobs.c.workspace_id, _jobs.c.asked).where(
    _jobs.c.workspace_id.in_(bindparam("workspaces", expanding=True)),
    _jobs.c.kind == bindparam("job_kind"),
    _jobs.c.key == "",
)


def enqueue(connection: Connection, wanted: dict[str, object]) -> int:
    """Have a job done that is described by `asking`; return how often it was asked for.

    In a transaction, what is returned counts up in the order of the commits: the row stays
    locked until then.
    """
    statement = compile_cached(_ASK[connection.dialect.name], connection.dialect)
    asked: int = statement.fetch_all(connection, wanted)[0].asked
    return asked


def enqueue_params(
    workspace_id: WorkspaceId, kind: str, at: datetime, *, key: str = "", times: int = 1
) -> dict[str, object]:
    """Describe a job that is to be done at that time, or as soon as it can be."""
    return {
        "workspace": workspace_id,
        "job_kind": kind,
        "job_key": key,
        "times": times,
        "at": at,
    }


def due_kinds(connection: Connection, kinds: Sequence[str], now: datetime) -> set[tuple[str, bool]]:
    """Return which of these kinds have a job that is due, and whether that is a slow one."""
    rows = connection.execute(_DUE_KINDS, {"kinds": list(kinds), "now": now})
    return {(row.kind, row.is_slow) for row in rows}


def requested_counts(
    connection: Connection, kind: str, workspaces: Sequence[WorkspaceId]
) -> dict[WorkspaceId, int]:
    """Return how often this kind was asked for in each of these workspaces."""
    rows = connection.execute(_MARKS, {"job_kind": kind, "workspaces": list(workspaces)})
    return {row.workspace_id: row.asked for row in rows}


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """How jobs are asked for by a worker: of which kind, how many at most, for how long."""

    kind: str
    most: int
    lease: str
    lasts: timedelta
    is_slow: bool = False


def lease_due(connection: Connection, wanted: LeaseRequest, now: datetime) -> list[Job]:
    """Take jobs that are due, the longest due first; nobody else has them until the lease ends."""
    rows = connection.execute(
        _TAKE,
        {
            "job_kind": wanted.kind,
            "slow": wanted.is_slow,
            "most": wanted.most,
            "now": now,
            "new_lease": wanted.lease,
            "until": now + wanted.lasts,
        },
    )
    return [
        Job(row.workspace_id, row.kind, row.key, row.asked, row.done, row.failures, wanted.lease)
        for row in rows
    ]


def release(connection: Connection, job: Job, rest: JobResult, now: datetime) -> bool:
    """Say what is left of a job; return False when the lease was lost.

    What was asked for since is due at once.
    """
    told = {
        "now_done": rest.completed_count,
        "seen": job.asked,
        "next_at": rest.run_again_at,
        "slow": rest.is_slow,
        "failed": rest.failures,
        "now": now,
    }
    return connection.execute(_GIVE_BACK, _held(job) | told).rowcount == 1


def extend_lease(connection: Connection, job: Job, until: datetime) -> None:
    """Hold a job for longer; raise LeaseLostError when it is another's by now."""
    _must_hold(connection.execute(_RENEW, _held(job) | {"until": until}).rowcount)


def checkpoint(connection: Connection, job: Job, before: int, after: int, until: datetime) -> None:
    """Write down, in the transaction of the work itself, how much is done; hold it for longer.

    Raises LeaseLostError when another has the job, or had it and came further.
    """
    told = {"was_done": before, "now_done": after, "until": until}
    _must_hold(connection.execute(_ADVANCE, _held(job) | told).rowcount)


def delete_if_idle(connection: Connection, job: Job) -> bool:
    """Remove a job that will never be due again; return False when it was asked for since."""
    return connection.execute(_FORGET, _held(job) | {"seen": job.asked}).rowcount == 1


def _held(job: Job) -> dict[str, object]:
    return {
        "workspace": job.workspace_id,
        "job_kind": job.kind,
        "job_key": job.key,
        "held_lease": job.lease,
    }


def _must_hold(rows: int) -> None:
    if rows != 1:
        raise LeaseLostError
