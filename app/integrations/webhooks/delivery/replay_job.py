"""Have a range of events delivered once more: a job with counts, and no silent cap."""

from typing import Any

from app.core.messaging.job_queue import Job, extend_lease
from app.core.persistence.tenancy import system_caller
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import WriteSession
from app.core.worker import LEASE
from app.integrations.webhooks.delivery.lifecycle import DeliveryTrigger, ReplayState
from app.integrations.webhooks.delivery.models import DeliveryRow, ReplayRow
from app.integrations.webhooks.delivery.repository import EVENTS_TO_REPLAY, REPLAY_BY_ID
from app.integrations.webhooks.delivery.rows import new_delivery
from app.integrations.webhooks.job_kinds import DELIVER
from app.integrations.webhooks.subscriptions.repository import ENDPOINT_BY_ID
from app.kit.ids import ReplayId

_AT_ONCE = 200


async def replay(work: UnitOfWorkRunner, job: Job) -> None:
    """Make a delivery of every event of the range, some at a time; the row says how far it is."""
    while await work.write(
        work.bind_write(system_caller(job.workspace_id), NO_PRECONDITIONS, _step, job)
    ):
        pass


def _step(work: WriteSession, job: Job) -> bool:
    """Go some events further; return whether there may be more."""
    extend_lease(work.connection, job, work.now + LEASE)
    row = work.one_or_none(REPLAY_BY_ID, id=ReplayId(job.key))
    if row is None or row.state == ReplayState.DONE:
        return False
    endpoint = work.one_or_none(ENDPOINT_BY_ID, id=row.endpoint_id)
    if endpoint is None:
        return False
    events: Any = work.all(
        EVENTS_TO_REPLAY,
        endpoint_id=row.endpoint_id,
        owner=row.member_id,
        after=row.place,
        since=row.since,
        until=row.until,
        limit=_AT_ONCE,
    )
    wanted = row.types or endpoint.types
    chosen = [
        new_delivery(endpoint, event.id, DeliveryTrigger.REPLAY, work.now, row.id)
        for event in events
        if (wanted is None or event.name in wanted)
        and not (row.only_undelivered and event.was_delivered)
    ]
    work.add_all(DeliveryRow, chosen)
    if chosen:
        work.enqueue(DELIVER, key=endpoint.id)
    has_more = len(events) == _AT_ONCE
    work.update(
        ReplayRow,
        row,
        place=events[-1].position if events else row.place,
        looked_at=row.looked_at + len(events),
        replayed=row.replayed + len(chosen),
        state=(ReplayState.RUNNING if has_more else ReplayState.DONE).value,
    )
    return has_more
