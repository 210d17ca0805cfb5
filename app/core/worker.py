"""The worker: takes jobs that are due, a limited number of each kind, and gives back what is left.

Each kind of job has a crew with places of its own, so that none starves another. Within a crew,
jobs that keep their worker waiting have few places among themselves, so that they hold up
nobody else. A worker may be killed at any moment: what it had comes back when its leases end.
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
from app.core.persistence.transactions import transaction
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.kit.ids import WorkspaceId

Done = TypeVar("Done")

Handler = Callable[[Job], Awaitable[JobResult | None]]
"""Does what is due of a job and returns what is left of it; None when the job has no end to wait
for, as its thing is gone."""

LEASE = timedelta(seconds=30)

_LOOK_SECONDS = 1.0  # between two looks when no bell rings
_GATHER_SECONDS = 0.05  # between any two: what comes together is done together
_SHORT_SECONDS = 1.0  # a job that takes longer is counted among the slow ones
_LONGEST_WAIT = timedelta(minutes=5)

_log = logging.getLogger("debrief")


@dataclass(frozen=True, slots=True)
class JobPool:
    """Who does one kind of job: how many at once, and how many slow ones besides."""

    kind: str
    handler: Handler
    concurrency: int
    slow_concurrency: int = 0
    lease: timedelta = LEASE


@dataclass(slots=True)
class _Shift:
    """What a crew is doing at the moment."""

    crew: JobPool
    began: dict[asyncio.Task[None], float] = field(default_factory=dict)
    slow: set[asyncio.Task[None]] = field(default_factory=set)

    def free(self) -> int:
        """Return how many jobs may be taken that are not known to be slow."""
        late = monotonic() - _SHORT_SECONDS
        young = sum(at > late for task, at in self.began.items() if task not in self.slow)
        everywhere = self.crew.concurrency + self.crew.slow_concurrency - len(self.began)
        return max(0, min(self.crew.concurrency - young, everywhere))

    def free_slow(self) -> int:
        """Return how many slow jobs may be taken."""
        return max(0, self.crew.slow_concurrency - len(self.slow))


class Worker:
    """Does jobs until it is told to stop."""

    def __init__(self, work: UnitOfWorkRunner, crews: Sequence[JobPool]) -> None:
        self._work = work
        self._shifts = [_Shift(crew) for crew in crews]
        self._kinds = [crew.kind for crew in crews]
        self._has_news = asyncio.Event()
        self._looked_at = 0.0
        self._is_leaving = False

    @property
    def in_flight(self) -> int:
        """How many jobs are being done."""
        return sum(len(shift.began) for shift in self._shifts)

    async def run(self) -> None:
        """Take and do jobs until `stop`; a database that is away is waited for."""
        loop = asyncio.get_running_loop()

        def wake(_: WorkspaceId) -> None:
            if not self._has_news.is_set():  # else the look that follows will find this too
                loop.call_soon_threadsafe(self._has_news.set)

        unlisten = self._work.notifier.subscribe(wake)
        try:
            while not self._is_leaving:
                await asyncio.sleep(self._looked_at + _GATHER_SECONDS - monotonic())
                self._looked_at = monotonic()
                self._has_news.clear()
                try:
                    await self._take_all()
                except DBAPIError:
                    _log.warning("the worker cannot reach the database; trying again")
                await self._wait()
        finally:
            unlisten()

    async def stop(self, within_seconds: float) -> None:
        """Take nothing more, let what is being done end, and hand back what does not in time."""
        self._is_leaving = True
        self._has_news.set()
        tasks = [task for shift in self._shifts for task in shift.began]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=within_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def drain(self) -> int:
        """Do all that is due now and all that follows from it; return how many jobs that were."""
        count = 0
        while await self._take_all():
            tasks = [task for shift in self._shifts for task in shift.began]
            count += len(tasks)
            await asyncio.gather(*tasks)
        return count

    async def _wait(self) -> None:
        """Wait for a bell, for a place that becomes free, or for the time of another look."""
        waiting = asyncio.ensure_future(self._has_news.wait())
        tasks = [task for shift in self._shifts for task in shift.began]
        done = asyncio.FIRST_COMPLETED
        await asyncio.wait({waiting, *tasks}, timeout=_LOOK_SECONDS, return_when=done)
        waiting.cancel()

    async def _take_all(self) -> int:
        due = await self._due_kinds()
        return sum([await self._fill(shift, due) for shift in self._shifts])

    async def _due_kinds(self) -> set[tuple[str, bool]]:
        """Look before taking: to take is to write, and SQLite has one writer."""
        return await self._work.database.readers.run(
            lambda connection: due_kinds(connection, self._kinds, self._now())
        )

    async def _fill(self, shift: _Shift, due: set[tuple[str, bool]]) -> int:
        crew = shift.crew
        taken = 0
        for is_slow, free in ((False, shift.free()), (True, shift.free_slow())):
            if not free or self._is_leaving or (crew.kind, is_slow) not in due:
                continue
            # Another lease each time: a job that comes back to this worker is not the one it had.
            claim = LeaseRequest(crew.kind, free, secrets.token_hex(8), crew.lease, is_slow)
            for job in await self._write(partial(lease_due, wanted=claim, now=self._now())):
                self._begin(shift, job, is_slow=is_slow)
                taken += 1
        return taken

    def _begin(self, shift: _Shift, job: Job, *, is_slow: bool) -> None:
        task = asyncio.create_task(self._do(shift.crew, job))
        shift.began[task] = monotonic()
        if is_slow:
            shift.slow.add(task)

        def end(ended: asyncio.Task[None]) -> None:
            shift.began.pop(ended)
            shift.slow.discard(ended)

        task.add_done_callback(end)

    async def _do(self, crew: JobPool, job: Job) -> None:
        try:
            rest = await crew.handler(job)
            await self._give_back(job, rest)
        except LeaseLostError:
            _log.warning("a job of kind %s took longer than its lease", job.kind)
        except asyncio.CancelledError:
            await self._give_back(job, JobResult(job.done, self._now()))
            raise
        except Exception:  # noqa: BLE001 - whatever it was, the other jobs go on
            _log.exception("a job of kind %s failed; it is tried again", job.kind)
            await self._put_off(job)

    async def _put_off(self, job: Job) -> None:
        """Try it again after a while, a longer one each time."""
        failures = job.failures + 1
        wait = min(timedelta(seconds=2**failures), _LONGEST_WAIT)
        try:
            await self._give_back(job, JobResult(job.done, self._now() + wait, failures=failures))
        except DBAPIError:
            _log.warning("a job could not be given back; it comes back when its lease ends")

    async def _give_back(self, job: Job, rest: JobResult | None) -> None:
        def settle(connection: Connection) -> None:
            # One whose thing is gone may have been asked for again meanwhile, and is then due.
            if rest is not None or not delete_if_idle(connection, job):
                release(connection, job, rest or JobResult(job.done), self._now())

        await self._write(settle)
        self._has_news.set()

    async def _write(self, change: Callable[[Connection], Done]) -> Done:
        writers = self._work.database.writers

        def unit(connection: Connection) -> Done:
            with transaction(connection, writers.begin):
                return change(connection)

        return await writers.run(unit)

    def _now(self) -> datetime:
        return self._work.clock()
