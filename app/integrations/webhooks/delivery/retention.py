"""Retention: deletes expired events with their deliveries, once a day in every workspace.

The newest event of each subject stays, and the newest one that each recruiter could see, because
sequence numbers continue from them. The latter is hidden: its position becomes negative.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, delete, not_, select, update
from sqlalchemy.orm import aliased

from app.core.messaging.job_queue import Job, JobResult
from app.core.messaging.outbox import EventRow
from app.core.persistence.types import TypeIdType
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import WriteSession
from app.integrations.webhooks.delivery.models import DeliveryRow
from app.integrations.webhooks.job_kinds import ONCE_A_DAY
from app.kit.ids import min_id_at

_BATCH_SIZE = 500

_own = EventRow.table()
_later = aliased(_own, name="later")
_old = (
    _own.c.workspace_id == bindparam("workspace", type_=_own.c.workspace_id.type),
    _own.c.id < bindparam("before", type_=TypeIdType("evt")),  # ids sort by time
)


def _is_followed(counter: str, *alike: str) -> ColumnElement[bool]:
    """Return whether a later event of the subject continues this count.

    The later event has the same values in the `alike` columns.
    """
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
_DELETE_EVENTS = delete(_own).where(
    _own.c.workspace_id == bindparam("workspace"),
    _own.c.id.in_(
        select(_own.c.id).where(*_old, _has_later, not_(_counts_for_recruiter)).limit(_BATCH_SIZE)
    ),
)
_sent = DeliveryRow.table()
_DELETE_DELIVERIES = delete(_sent).where(
    _sent.c.workspace_id == bindparam("workspace"),
    _sent.c.event_id.in_(select(_own.c.id).where(*_old)),
)


async def purge_expired(runner: UnitOfWorkRunner, job: Job, days: int) -> JobResult:
    """Delete events older than so many days, batch by batch; run again tomorrow."""
    now = runner.clock()
    await runner.run_batches(job.workspace_id, _purge_batch, now - timedelta(days=days))
    return JobResult(job.requested_count, now + ONCE_A_DAY)


def _purge_batch(session: WriteSession, before: datetime) -> datetime | None:
    """Delete one batch; return the time again while there may be more."""
    params = {
        "workspace": session.caller.workspace_id,
        "before": min_id_at(EventRow.id_prefix, before),
    }
    session.connection.execute(_DELETE_DELIVERIES, params)
    session.connection.execute(_HIDE_EVENTS, params)
    deleted = session.connection.execute(_DELETE_EVENTS, params).rowcount
    return before if deleted == _BATCH_SIZE else None
