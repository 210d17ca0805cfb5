"""Due events: publishes `step.due` for each step once, when it is due.

That it was published is stored in the same transaction, under the version that was read. Of two
workers one loses the race, reads again and finds nothing left to publish.
"""

from datetime import datetime
from typing import Final

from app.core.messaging.job_queue import Job, JobResult
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.guidance.steps.events import StepDue
from app.guidance.steps.models import StepRow
from app.guidance.steps.repository import NEXT_TO_ANNOUNCE, STEPS_TO_ANNOUNCE
from app.kit.clock import to_rfc3339

_BATCH_SIZE: Final = 100


async def publish_due_steps(runner: UnitOfWorkRunner, job: Job) -> JobResult:
    """Publish what is due in a workspace; run again when the next step is due."""
    await runner.run_batches(job.workspace_id, publish_batch, _BATCH_SIZE)
    next_due = await runner.read_as_system(job.workspace_id, _next_due_at)
    return JobResult(job.requested_count, next_due)


def publish_batch(session: WriteSession, size: int) -> int | None:
    """Publish some of the steps that are due; return the size again while there may be more."""
    rows = session.all(STEPS_TO_ANNOUNCE, limit=size)
    for row in rows:
        session.update(StepRow, row, announced_at=session.now)
        about = (row.candidate_id, row.application_id, row.interview_id, row.id, row.guide_step)
        session.publish(StepDue(*about, to_rfc3339(row.due_at)))
    return size if len(rows) == size else None


def _next_due_at(session: ReadSession) -> datetime | None:
    row = session.one_or_none(NEXT_TO_ANNOUNCE, limit=1)
    return None if row is None else row.due_at
