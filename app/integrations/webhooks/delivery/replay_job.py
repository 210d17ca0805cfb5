"""Replay: delivers a range of events again, as a background job that counts its progress."""

from functools import partial

from app.core.job_worker import LEASE
from app.core.messaging.job_queue import Job, extend_lease
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import WriteSession
from app.integrations.webhooks.delivery.lifecycle import DeliveryTrigger, ReplayState
from app.integrations.webhooks.delivery.models import DeliveryRow, ReplayRow
from app.integrations.webhooks.delivery.repository import (
    EVENTS_TO_REPLAY,
    REPLAY_BY_ID,
    ReplayCandidate,
    ReplayRecord,
)
from app.integrations.webhooks.delivery.rows import new_delivery
from app.integrations.webhooks.job_kinds import DELIVER
from app.integrations.webhooks.subscriptions.repository import ENDPOINT_BY_ID
from app.kit.ids import ReplayId

_BATCH_SIZE = 200


async def replay(runner: UnitOfWorkRunner, job: Job) -> None:
    """Create a delivery of every event in the range, batch by batch."""
    step = partial(_replay_batch, job=job)
    await runner.run_batches(job.workspace_id, step, ReplayId(job.key))


def _replay_batch(session: WriteSession, replay_id: ReplayId, job: Job) -> ReplayId | None:
    """Create the deliveries of one batch; return the id while there may be more."""
    extend_lease(session.connection, job, session.now + LEASE)
    row = session.one_or_none(REPLAY_BY_ID, id=replay_id)
    if row is None or row.state is ReplayState.DONE:
        return None
    endpoint = session.one_or_none(ENDPOINT_BY_ID, id=row.endpoint_id)
    if endpoint is None:
        return None
    events = session.all(
        EVENTS_TO_REPLAY,
        endpoint_id=row.endpoint_id,
        owner=row.member_id,
        after=row.event_position,
        since=row.since,
        until=row.until,
        limit=_BATCH_SIZE,
    )
    types = row.event_types or endpoint.event_types
    deliveries = [
        new_delivery(endpoint, event.id, DeliveryTrigger.REPLAY, session.now, row.id)
        for event in events
        if _is_included(event, row, types)
    ]
    session.add_all(DeliveryRow, deliveries)
    if deliveries:
        session.enqueue(DELIVER, key=endpoint.id)
    has_more = len(events) == _BATCH_SIZE
    session.update(
        ReplayRow,
        row,
        event_position=events[-1].position if events else row.event_position,
        scanned_count=row.scanned_count + len(events),
        replayed_count=row.replayed_count + len(deliveries),
        state=ReplayState.RUNNING if has_more else ReplayState.DONE,
    )
    return row.id if has_more else None


def _is_included(event: ReplayCandidate, row: ReplayRecord, types: list[str] | None) -> bool:
    if row.only_undelivered and event.was_delivered:
        return False
    return types is None or event.name in types
