"""Announce the steps that are due: each once, by the worker, some at a time.

That it was announced is written down in the transaction that announces it, under the version that
was read: of two workers one loses the race, looks again and finds nothing left to say.
"""

from datetime import datetime
from typing import Final

from app.core.messaging.job_queue import Job, Rest
from app.core.persistence.tenancy import steward
from app.core.unit_of_work.preconditions import NONE
from app.core.unit_of_work.runner import Work
from app.core.unit_of_work.session import Reading, Writing
from app.guidance.steps.events import StepDue
from app.guidance.steps.models import StepRow
from app.guidance.steps.repository import NEXT_TO_ANNOUNCE, STEPS_TO_ANNOUNCE
from app.kit.clock import spelled

_AT_ONCE: Final = 100


async def announce(work: Work, job: Job) -> Rest:
    """Announce what is due in a workspace; come back when the next step is."""
    caller = steward(job.workspace_id)
    while await work.write(work.writing(caller, NONE, announce_some)) == _AT_ONCE:
        pass
    return Rest(job.asked, await work.read(work.reading(caller, _next)))


def announce_some(work: Writing) -> int:
    """Announce some of the steps that are due; return how many there were."""
    rows = work.all(STEPS_TO_ANNOUNCE, limit=_AT_ONCE)
    for row in rows:
        work.update(StepRow, row, announced_at=work.now)
        about = (row.candidate_id, row.application_id, row.interview_id, row.id, row.guide_step)
        work.announce(StepDue(*about, spelled(row.due_at)))
    return len(rows)


def _next(work: Reading) -> datetime | None:
    row = work.find(NEXT_TO_ANNOUNCE, limit=1)
    return None if row is None else row.due_at
