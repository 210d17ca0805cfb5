"""Announce the steps that are due: each once, by the worker, some at a time.

That it was announced is written down in the transaction that announces it, under the version that
was read: of two workers one loses the race, looks again and finds nothing left to say.
"""

from datetime import datetime
from typing import Final

from app.core.messaging.job_queue import Job, JobResult
from app.core.persistence.tenancy import system_caller
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.guidance.steps.events import StepDue
from app.guidance.steps.models import StepRow
from app.guidance.steps.repository import NEXT_TO_ANNOUNCE, STEPS_TO_ANNOUNCE
from app.kit.clock import to_rfc3339

_AT_ONCE: Final = 100


async def publish_due_steps(work: UnitOfWorkRunner, job: Job) -> JobResult:
    """Announce what is due in a workspace; come back when the next step is."""
    caller = system_caller(job.workspace_id)
    while await work.write(work.bind_write(caller, NO_PRECONDITIONS, announce_some)) == _AT_ONCE:
        pass
    return JobResult(job.asked, await work.read(work.bind_read(caller, _next)))


def announce_some(work: WriteSession) -> int:
    """Announce some of the steps that are due; return how many there were."""
    rows = work.all(STEPS_TO_ANNOUNCE, limit=_AT_ONCE)
    for row in rows:
        work.update(StepRow, row, announced_at=work.now)
        about = (row.candidate_id, row.application_id, row.interview_id, row.id, row.guide_step)
        work.publish(StepDue(*about, to_rfc3339(row.due_at)))
    return len(rows)


def _next(work: ReadSession) -> datetime | None:
    row = work.one_or_none(NEXT_TO_ANNOUNCE, limit=1)
    return None if row is None else row.due_at
