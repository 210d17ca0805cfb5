"""Worker for background jobs: leases due jobs, runs their handlers, releases them with the result.

Each kind of job has a concurrency limit of its own, so that none starves another. Within a kind,
slow jobs (those that keep a worker waiting) have a small limit among themselves. A worker may be
killed at any moment: its jobs come back when their leases expire.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.core.messaging.job_queue import (
    Job,
    JobResult,
    LeaseLostError,
    LeaseRequest,
    delete_if_idle,
    due_kinds,
    lease_due,
    release,
)
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.kit.ids import WorkspaceId

Result = TypeVar("Result")

Handler = Callable[[Job], Awaitable[JobResult | None]]
"""Runs a job and returns its result; None when what the job is about no longer exists."""

LEASE = timedelta(seconds=30)

_POLL_SECONDS = 1.0  # between two polls without a notification
_MIN_POLL_SECONDS = 0.05  # between any two polls, so that jobs are leased in groups
_SLOW_AFTER_SECONDS = 1.0  # from when a running job no longer counts against the limit
_MAX_BACKOFF = timedelta(minutes=5)

_log = logging.getLogger("debrief")


@dataclass(frozen=True, slots=True)
class JobPool:
    """Limits of one kind of job: `concurrency` jobs, plus `slow_concurrency` slow ones."""

    kind: str
    handler: Handler
    concurrency: int
    slow_concurrency: int = 0
    lease: timedelta = LEASE


@dataclass(slots=True)
class _RunningJobs:
    """The jobs of one pool that are running."""

    pool: JobPool
    started: dict[asyncio.Task[None], float] = field(default_factory=dict)
    slow: set[asyncio.Task[None]] = field(default_factory=set)

    def free(self) -> int:
        """Return how many jobs may be leased that are not known to be slow."""
        slow_since = monotonic() - _SLOW_AFTER_SECONDS
        fast = sum(at > slow_since for task, at in self.started.items() if task not in self.slow)
        total = self.pool.concurrency + self.pool.slow_concurrency - len(self.started)
        return max(0, min(self.pool.concurrency - fast, total))

    def free_slow(self) -> int:
        """Return how many slow jobs may be leased."""
        return max(0, self.pool.slow_concurrency - len(self.slow))


class Worker:
    """Runs jobs until it is stopped."""

    def __init__(self, runner: UnitOfWorkRunner, pools: Sequence[JobPool]) -> None:
        self._runner = runner
        self._running = [_RunningJobs(pool) for pool in pools]
        self._kinds = [pool.kind for pool in pools]
        self._wake = asyncio.Event()
        self._polled_at = 0.0
        self._is_stopping = False

    @property
    def in_flight(self) -> int:
        """How many jobs are running."""
        return len(self._tasks())

    async def run(self) -> None:
        """Lease and run jobs until `stop`; wait while the database is unreachable."""
        loop = asyncio.get_running_loop()

        def wake(_: WorkspaceId) -> None:
            if not self._wake.is_set():
                loop.call_soon_threadsafe(self._wake.set)

        unsubscribe = self._runner.notifier.subscribe(wake)
        try:
            while not self._is_stopping:
                await asyncio.sleep(self._polled_at + _MIN_POLL_SECONDS - monotonic())
                self._polled_at = monotonic()
                self._wake.clear()
                try:
                    await self._lease_all()
                except DBAPIError:
                    _log.warning("the worker cannot reach the database; trying again")
                await self._wait()
        finally:
            unsubscribe()

    async def stop(self, within_seconds: float) -> None:
        """Lease nothing more; let running jobs end, and cancel those that do not end in time."""
        self._is_stopping = True
        self._wake.set()
        if tasks := self._tasks():
            _, late = await asyncio.wait(tasks, timeout=within_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def drain(self) -> int:
        """Run jobs until none is due; return how many ran (tests, command line)."""
        count = 0
        while await self._lease_all():
            tasks = self._tasks()
            count += len(tasks)
            await asyncio.gather(*tasks)
        return count

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [task for running in self._running for task in running.started]

    async def _wait(self) -> None:
        """Wait for a notification, for a job that ends, or for the next poll."""
        waiting = asyncio.ensure_future(self._wake.wait())
        first = asyncio.FIRST_COMPLETED
        await asyncio.wait({waiting, *self._tasks()}, timeout=_POLL_SECONDS, return_when=first)
        waiting.cancel()

    async def _lease_all(self) -> int:
        due = await self._due_kinds()
        return sum([await self._lease_some(running, due) for running in self._running])

    async def _due_kinds(self) -> set[tuple[str, bool]]:
        """Read before leasing: a lease is a write, and SQLite has one writer."""
        return await self._runner.database.readers.run(
            lambda connection: due_kinds(connection, self._kinds, self._now())
        )

    async def _lease_some(self, running: _RunningJobs, due: set[tuple[str, bool]]) -> int:
        pool = running.pool
        count = 0
        for is_slow, free in ((False, running.free()), (True, running.free_slow())):
            if not free or self._is_stopping or (pool.kind, is_slow) not in due:
                continue
            # A new lease id each time: a job that comes back is not the one this worker had.
            request = LeaseRequest(pool.kind, free, secrets.token_hex(8), pool.lease, is_slow)
            for job in await self._write(partial(lease_due, request=request, now=self._now())):
                self._start(running, job, is_slow=is_slow)
                count += 1
        return count

    def _start(self, running: _RunningJobs, job: Job, *, is_slow: bool) -> None:
        task = asyncio.create_task(self._run_job(running.pool, job))
        running.started[task] = monotonic()
        if is_slow:
            running.slow.add(task)

        def end(ended: asyncio.Task[None]) -> None:
            running.started.pop(ended)
            running.slow.discard(ended)

        task.add_done_callback(end)

    async def _run_job(self, pool: JobPool, job: Job) -> None:
        try:
            await self._release(job, await pool.handler(job))
        except LeaseLostError:
            _log.warning("a job of kind %s took longer than its lease", job.kind)
        except asyncio.CancelledError:
            await self._release(job, JobResult(job.completed_count, self._now()))
            raise
        except Exception:  # noqa: BLE001 - no error of one job may stop the others
            _log.exception("a job of kind %s failed; it is retried", job.kind)
            await self._back_off(job)

    async def _back_off(self, job: Job) -> None:
        """Retry after a delay that doubles with each failure."""
        failures = job.failures + 1
        delay = min(timedelta(seconds=2**failures), _MAX_BACKOFF)
        result = JobResult(job.completed_count, self._now() + delay, failures=failures)
        try:
            await self._release(job, result)
        except DBAPIError:
            _log.warning("a job could not be released; it comes back when its lease expires")

    async def _release(self, job: Job, result: JobResult | None) -> None:
        def release_or_delete(connection: Connection) -> None:
            # A job whose subject is gone may have been enqueued again meanwhile, and is then due.
            if result is not None or not delete_if_idle(connection, job):
                release(connection, job, result or JobResult(job.completed_count), self._now())

        await self._write(release_or_delete)
        self._wake.set()

    async def _write(self, change: Callable[[Connection], Result]) -> Result:
        writers = self._runner.database.writers

        def unit(connection: Connection) -> Result:
            with writers.transaction(connection):
                return change(connection)

        return await writers.run(unit)

    def _now(self) -> datetime:
        return self._runner.clock()
