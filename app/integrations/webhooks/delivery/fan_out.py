"""From events to deliveries: who is to be told of what has just happened.

One job for each workspace: it reads the events after the last one it looked at, in the order of
their commits, and makes a delivery for every endpoint that wants one, in one transaction with
the place it has come to. However often it is begun again, an event is told to an endpoint once.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from app.core.messaging.job_queue import Job, JobResult, checkpoint
from app.core.messaging.outbox import EVENTS_AFTER, FAN_OUT, EventRow
from app.core.persistence.tenancy import system_caller
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import WriteSession
from app.integrations.events.catalogue import UNICAST_EVENTS
from app.integrations.webhooks.delivery.lifecycle import DeliveryTrigger
from app.integrations.webhooks.delivery.models import DeliveryRow
from app.integrations.webhooks.delivery.rows import new_delivery
from app.integrations.webhooks.job_kinds import DELIVER, ONCE_A_DAY, PURGE
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.integrations.webhooks.subscriptions.repository import ENABLED_ENDPOINTS

KIND = FAN_OUT

LEASE = timedelta(seconds=10)
"""For how long a worker has a workspace to itself, from step to step: when it is killed, nobody
there is told anything for that long."""

_AT_ONCE = 500


async def fan_out(work: UnitOfWorkRunner, job: Job) -> JobResult:
    """Make the deliveries of everything that has happened."""
    place = job.done
    while place < job.asked:
        unit = work.bind_write(system_caller(job.workspace_id), NO_PRECONDITIONS, _step, job, place)
        place = await work.write(unit)
    return JobResult(place)


def _step(work: WriteSession, job: Job, place: int) -> int:
    """Look at some events; return the position of the last one."""
    endpoints: Sequence[EndpointRow] = work.all(ENABLED_ENDPOINTS)
    work.enqueue(PURGE, at=work.now + ONCE_A_DAY)
    if not endpoints:
        checkpoint(work.connection, job, place, job.asked, work.now + LEASE)
        return job.asked
    events: Sequence[EventRow] = work.all(EVENTS_AFTER, after=place, limit=_AT_ONCE)
    # Positions up to what was asked for are committed; what was erased of them is passed over.
    after = events[-1].position if len(events) == _AT_ONCE else job.asked
    events = [event for event in events if event.position <= after]
    rows = [
        new_delivery(endpoint, event.id, DeliveryTrigger.EVENT, work.now)
        for event in events
        for endpoint in _told(endpoints, event)
    ]
    work.add_all(DeliveryRow, rows)
    for endpoint_id in dict.fromkeys(str(row["endpoint_id"]) for row in rows):
        work.enqueue(DELIVER, key=endpoint_id)
    checkpoint(work.connection, job, place, after, work.now + LEASE)
    return after


def _told(endpoints: Sequence[EndpointRow], event: EventRow) -> Iterator[EndpointRow]:
    if event.name in UNICAST_EVENTS:
        return
    for endpoint in endpoints:
        is_of_owner = endpoint.member_id == event.candidate_id or (
            endpoint.member_id == event.recruiter_id and not event.is_private
        )
        if is_of_owner and (endpoint.types is None or event.name in endpoint.types):
            yield endpoint
