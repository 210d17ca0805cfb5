"""Events are kept for a while, and go with their deliveries: once a day, in every workspace.

The newest event of each resource stays, and the newest that each recruiter was told of, so that
all count on from where they were. The latter is out of sight then: its position is negative.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, delete, not_, select, update
from sqlalchemy.orm import aliased

from app.core.messaging.job_queue import Job, JobResult
from app.core.messaging.outbox import EventRow
from app.core.persistence.tenancy import system_caller
from app.core.persistence.types import TypeIdType
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import WriteSession
from app.integrations.webhooks.delivery.models import DeliveryRow
from app.integrations.webhooks.job_kinds import ONCE_A_DAY
from app.kit.ids import min_id_at

_AT_ONCE = 500

_own = EventRow.table()
_later = aliased(_own, name="later")
_old = (
    _own.c.workspace_id == bindparam("workspace", type_=_own.c.workspace_id.type),
    _own.c.id < bindparam("before", type_=TypeIdType("evt")),  # ids are in the order of time
)


def _is_followed(counter: str, *alike: str) -> ColumnElement[bool]:
    """Return whether there is an event that counts on from this one, alike in these columns."""
    same = [_later.c[name] == _own.c[name] for name in ("workspace_id", "subject", *alike)]
    return select(_later.c.id).where(*same, _later.c[counter] > _own.c[counter]).exists()


_has_later = _is_followed("sequence")
_counts_for_recruiter = and_(
    _own.c.recruiter_id.is_not(None),
    _own.c.recruiter_sequence.is_not(None),
    not_(_is_followed("recruiter_sequence", "recruiter_id")),
)
_HIDE_EVENTS = (
    update(_own)
    .where(
        _own.c.workspace_id == bindparam("workspace"),
        _own.c.id.in_(
            select(_own.c.id).where(*_old, _own.c.position > 0, _has_later, _counts_for_recruiter)
        ),
    )
    .values(position=-_own.c.position)
)
_FORGET_EVENTS = delete(_own).where(
    _own.c.workspace_id == bindparam("workspace"),
    _own.c.id.in_(
        select(_own.c.id).where(*_old, _has_later, not_(_counts_for_recruiter)).limit(_AT_ONCE)
    ),
)
_sent = DeliveryRow.table()
_FORGET_DELIVERIES = delete(_sent).where(
    _sent.c.workspace_id == bindparam("workspace"),
    _sent.c.event_id.in_(select(_own.c.id).where(*_old)),
)


async def purge_expired(work: UnitOfWorkRunner, job: Job, days: int) -> JobResult:
    """Forget events older than so many days, some at a time; look again tomorrow."""
    now = work.clock()
    before = now - timedelta(days=days)
    while await work.write(
        work.bind_write(system_caller(job.workspace_id), NO_PRECONDITIONS, _step, before)
    ):
        pass
    return JobResult(job.asked, now + ONCE_A_DAY)


def _step(work: WriteSession, before: datetime) -> bool:
    """Forget some; return whether there may be more."""
    told = {"workspace": work.caller.workspace_id, "before": min_id_at(EventRow.id_prefix, before)}
    work.connection.execute(_FORGET_DELIVERIES, told)
    work.connection.execute(_HIDE_EVENTS, told)
    return work.connection.execute(_FORGET_EVENTS, told).rowcount == _AT_ONCE
