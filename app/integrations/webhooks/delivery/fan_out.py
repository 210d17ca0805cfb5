"""Fan-out: creates a delivery of each new event for every endpoint that receives it.

One job per workspace. It reads the events after its last position, in the order of their commits,
and stores their deliveries and its new position in one transaction. So an event is fanned out to
an endpoint exactly once, however often the job is interrupted.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial

from app.core.messaging.job_queue import Job, JobResult, checkpoint
from app.core.messaging.outbox import EVENTS_AFTER, FAN_OUT, EventRecord
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import WriteSession
from app.integrations.events.catalogue import UNICAST_EVENTS
from app.integrations.webhooks.delivery.lifecycle import DeliveryTrigger
from app.integrations.webhooks.delivery.models import DeliveryRow
from app.integrations.webhooks.delivery.rows import new_delivery
from app.integrations.webhooks.job_kinds import DELIVER, ONCE_A_DAY, PURGE
from app.integrations.webhooks.subscriptions.repository import ENABLED_ENDPOINTS, EndpointFilter

KIND = FAN_OUT

LEASE = timedelta(seconds=10)
"""The lease of a step: how long the fan-out of a workspace waits after a worker was killed."""

_BATCH_SIZE = 500


async def fan_out(runner: UnitOfWorkRunner, job: Job) -> JobResult:
    """Create the deliveries of all events up to the position that was requested."""
    if job.completed_count < job.requested_count:
        step = partial(_fan_out_batch, job=job)
        await runner.run_batches(job.workspace_id, step, job.completed_count)
    return JobResult(job.requested_count)


def _fan_out_batch(session: WriteSession, position: int, job: Job) -> int | None:
    """Fan out the events of one batch; return the position to go on from, None at the end."""
    next_position = _create_deliveries(session, position, job.requested_count)
    session.enqueue(PURGE, at=session.now + ONCE_A_DAY)
    checkpoint(session.connection, job, position, next_position, session.now + LEASE)
    return next_position if next_position < job.requested_count else None


def _create_deliveries(session: WriteSession, position: int, last_position: int) -> int:
    """Create the deliveries of a batch of events; return the position of the last one."""
    endpoints = session.all(ENABLED_ENDPOINTS)
    if not endpoints:
        return last_position
    events = session.all(EVENTS_AFTER, after=position, limit=_BATCH_SIZE)
    # Every position up to the last one is committed; those that are missing were purged.
    is_full = len(events) == _BATCH_SIZE
    next_position = min(events[-1].position, last_position) if is_full else last_position
    rows = [
        new_delivery(endpoint, event.id, DeliveryTrigger.EVENT, session.now)
        for event in events
        if event.position <= next_position
        for endpoint in _subscribers(endpoints, event)
    ]
    session.add_all(DeliveryRow, rows)
    for endpoint_id in dict.fromkeys(str(row["endpoint_id"]) for row in rows):
        session.enqueue(DELIVER, key=endpoint_id)
    return next_position


def _subscribers(
    endpoints: Sequence[EndpointFilter], event: EventRecord
) -> Iterator[EndpointFilter]:
    """Yield the endpoints that receive an event: their owner may see it, and they take its type."""
    if event.name in UNICAST_EVENTS:
        return
    for endpoint in endpoints:
        is_visible = endpoint.member_id == event.candidate_id or (
            endpoint.member_id == event.recruiter_id and not event.is_private
        )
        if is_visible and (endpoint.event_types is None or event.name in endpoint.event_types):
            yield endpoint
