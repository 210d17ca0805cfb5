"""From events to deliveries: who is to be told of what has just happened.

One job for each workspace: it reads the events after the last one it looked at, in the order of
their commits, and makes a delivery for every endpoint that wants one, in one transaction with
the place it has come to. However often it is begun again, an event is told to an endpoint once.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from app.core.messaging.job_queue import Job, Rest, advance
from app.core.messaging.outbox import EVENTS_AFTER, TELLING, EventRow
from app.core.persistence.tenancy import steward
from app.core.unit_of_work.preconditions import NONE
from app.core.unit_of_work.runner import Work
from app.core.unit_of_work.session import Writing
from app.integrations.events.catalogue import ADDRESSED
from app.integrations.webhooks.delivery.lifecycle import Cause
from app.integrations.webhooks.delivery.models import DeliveryRow
from app.integrations.webhooks.delivery.rows import new_delivery
from app.integrations.webhooks.job_kinds import DELIVER, KEEP, ONCE_A_DAY
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.integrations.webhooks.subscriptions.repository import LISTENING

KIND = TELLING

LEASE = timedelta(seconds=10)
"""For how long a worker has a workspace to itself, from step to step: when it is killed, nobody
there is told anything for that long."""

_AT_ONCE = 500


async def publish(work: Work, job: Job) -> Rest:
    """Make the deliveries of everything that has happened."""
    place = job.done
    while place < job.asked:
        unit = work.writing(steward(job.workspace_id), NONE, _step, job, place)
        place = await work.write(unit)
    return Rest(place)


def _step(work: Writing, job: Job, place: int) -> int:
    """Look at some events; return the position of the last one."""
    endpoints: Sequence[EndpointRow] = work.all(LISTENING)
    work.ask_for(KEEP, at=work.now + ONCE_A_DAY)
    if not endpoints:
        advance(work.connection, job, place, job.asked, work.now + LEASE)
        return job.asked
    events: Sequence[EventRow] = work.all(EVENTS_AFTER, after=place, limit=_AT_ONCE)
    # Positions up to what was asked for are committed; what was erased of them is passed over.
    after = events[-1].position if len(events) == _AT_ONCE else job.asked
    events = [event for event in events if event.position <= after]
    rows = [
        new_delivery(endpoint, event.id, Cause.EVENT, work.now)
        for event in events
        for endpoint in _told(endpoints, event)
    ]
    work.add_all(DeliveryRow, rows)
    for endpoint_id in dict.fromkeys(str(row["endpoint_id"]) for row in rows):
        work.ask_for(DELIVER, key=endpoint_id)
    advance(work.connection, job, place, after, work.now + LEASE)
    return after


def _told(endpoints: Sequence[EndpointRow], event: EventRow) -> Iterator[EndpointRow]:
    if event.name in ADDRESSED:
        return
    for endpoint in endpoints:
        is_of_owner = endpoint.member_id == event.candidate_id or (
            endpoint.member_id == event.recruiter_id and not event.is_private
        )
        if is_of_owner and (endpoint.types is None or event.name in endpoint.types):
            yield endpoint
