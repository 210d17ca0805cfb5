"""Send what is due to one endpoint, and write down what came of it.

One job for each endpoint, so that one that is slow or dead holds up no other. What is about the
same resource goes out in order, one after another; the rest side by side. Nothing is taken for
delivered before the receiver said so, and everything is tried again until it is or is given up:
a worker that is killed in between sends something twice, and loses nothing.
"""

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

from sqlalchemy import bindparam, update

from app.core.messaging.job_queue import Job, JobResult, extend_lease
from app.core.persistence.tenancy import system_caller
from app.core.persistence.types import TypeIdType, UtcDateTime
from app.core.security.encryption import DecryptionError
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.integrations.webhooks.delivery.concurrency import InFlightLimiter
from app.integrations.webhooks.delivery.endpoint_health import (
    EndpointHealth,
    is_success,
    retry_after,
)
from app.integrations.webhooks.delivery.http_client import WebhookClient
from app.integrations.webhooks.delivery.lifecycle import DELIVERY, DeliveryMove, DeliveryState
from app.integrations.webhooks.delivery.models import AttemptRow, DeliveryRow
from app.integrations.webhooks.delivery.payloads import OutgoingMessage, PayloadBuilder
from app.integrations.webhooks.delivery.repository import DUE_DELIVERIES, NEXT_DUE
from app.integrations.webhooks.delivery.results import WebhookFailure, WebhookResponse
from app.integrations.webhooks.security.signing import headers_for
from app.integrations.webhooks.subscriptions.lifecycle import DisabledBecause, EndpointState
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.integrations.webhooks.subscriptions.repository import ENDPOINT_BY_ID, ENDPOINT_WITH_OWNER
from app.integrations.webhooks.subscriptions.service import EndpointService
from app.kit.ids import EndpointId

_AT_ONCE = 8
_ON_THEIR_WAY = 16
_SIDE_BY_SIDE = 5
_TURN = timedelta(seconds=10)  # after which an endpoint's job is given back, and taken again
_JITTER = 0.1
_KEPT_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class DeliveryBatch:
    """What is due to one endpoint, and where and with which secrets it goes."""

    url: str
    secrets: Sequence[str]
    parcels: Sequence[OutgoingMessage]
    is_failing: bool


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """A parcel and what came of it: nothing, where it was withheld."""

    parcel: OutgoingMessage
    came: WebhookResponse | WebhookFailure | None

    @property
    def has_arrived(self) -> bool:
        """Whether the receiver took it."""
        return isinstance(self.came, WebhookResponse) and is_success(self.came)


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """After how long a failed delivery is tried again, each time longer, with some jitter."""

    waits: Sequence[timedelta]
    chance: Callable[[], float] = field(default=random.random)

    def next(self, attempts_made: int, now: datetime) -> datetime | None:
        """Return when the attempt after so many is due; None when that was the last."""
        if attempts_made > len(self.waits):
            return None
        return now + self.waits[attempts_made - 1] * (1 + _JITTER * self.chance())


@dataclass(frozen=True, slots=True)
class DeliveryDispatcher:
    """Delivers to one endpoint after another, as jobs ask for it."""

    work: UnitOfWorkRunner
    poster: WebhookClient
    registrar: EndpointService
    schedule: RetrySchedule
    lease: timedelta
    allowance: InFlightLimiter = field(default_factory=partial(InFlightLimiter, _ON_THEIR_WAY))

    async def deliver(self, job: Job) -> JobResult | None:
        """Send what is due to the endpoint that the job names."""
        began = held_since = self.work.clock()
        while True:
            rest = await self._deliver_some(job, held_since)
            held_since = self.work.clock()
            if rest is None or rest.run_again_at is None or rest.run_again_at > held_since:
                return rest
            if held_since - began > _TURN:
                return rest

    async def _deliver_some(self, job: Job, held_since: datetime) -> JobResult | None:
        """Send as much as is read at once; return what is left."""
        async with self.allowance.share(_AT_ONCE) as share:
            if self.work.clock() - held_since > self.lease / 4:
                return JobResult(
                    job.done, self.work.clock()
                )  # its turn came too late to be sure of it
            try:
                lane = await self._read(job)
            except DecryptionError:
                return await self._write(job, _disable_unsigned)
            if lane is None or isinstance(lane, JobResult):
                return lane
            share.shrink_to(0 if lane.is_failing else len(lane.parcels))
            with share.release_if_slow():
                sent = await self._send(lane)
            return await self._write(job, self._record, sent)

    async def _read(self, job: Job) -> DeliveryBatch | JobResult | None:
        unit = self.work.bind_read(system_caller(job.workspace_id), self._lane, job)
        return await self.work.read(unit)

    async def _write(self, job: Job, change: Callable[..., JobResult], *args: object) -> JobResult:
        unit = self.work.bind_write(
            system_caller(job.workspace_id), NO_PRECONDITIONS, change, job, *args
        )
        return await self.work.write(unit)

    async def _send(self, lane: DeliveryBatch) -> list[DeliveryResult]:
        """Send what can be begun within the time of one answer; the rest stays due.

        So that no more than twice that time passes, which the lease allows for.
        """
        places = asyncio.Semaphore(_SIDE_BY_SIDE)
        began = monotonic()
        sent: list[DeliveryResult] = []

        async def in_order(parcels: Sequence[OutgoingMessage]) -> None:
            async with places:
                for parcel in parcels:
                    if monotonic() - began >= self.poster.timeout_seconds:
                        return
                    sent.append(await self._post(lane, parcel))

        await asyncio.gather(*map(in_order, _by_subject(lane.parcels)))
        return sent

    async def _post(self, lane: DeliveryBatch, parcel: OutgoingMessage) -> DeliveryResult:
        if parcel.body is None:
            return DeliveryResult(parcel, None)
        at = self.work.clock()
        headers = headers_for(parcel.event_id, at, parcel.body, lane.secrets)
        return DeliveryResult(parcel, await self.poster.post(lane.url, parcel.body, headers))

    def _lane(self, work: ReadSession, job: Job) -> DeliveryBatch | JobResult | None:
        """Return what is due; the rest where that is nothing, None where the endpoint is gone."""
        endpoint: Any = work.one_or_none(ENDPOINT_WITH_OWNER, id=job.key)
        if endpoint is None:
            return None
        if endpoint.state != EndpointState.ACTIVE:
            return JobResult(job.asked)
        if endpoint.waits_until and endpoint.waits_until > work.now:
            return JobResult(job.asked, endpoint.waits_until)
        is_failing = endpoint.failing_since is not None
        # One that has failed is tried with one, so that it does not keep a place for long.
        limit = 1 if is_failing else _AT_ONCE
        rows = work.all(DUE_DELIVERIES, endpoint_id=endpoint.id, now=work.now, limit=limit)
        if not rows:
            return JobResult(job.asked, _next_due(work, endpoint.id), is_slow=is_failing)
        parcels = PayloadBuilder(work, endpoint).parcels(rows)
        return DeliveryBatch(
            endpoint.url, self.registrar.secrets(work, endpoint), parcels, is_failing
        )

    def _record(self, work: WriteSession, job: Job, sent: Sequence[DeliveryResult]) -> JobResult:
        """Write down what came of it, and return when there is more to do."""
        extend_lease(work.connection, job, work.now + self.lease)
        endpoint_id = EndpointId(job.key)
        endpoint = work.one_or_none(ENDPOINT_BY_ID, id=endpoint_id)
        if endpoint is None:
            return JobResult(job.asked)
        work.add_all(AttemptRow, [_attempt(endpoint, each) for each in sent if each.came])
        changes = [self._change(work, each) for each in sent]
        work.connection.execute(_SETTLE, changes)
        has_arrived = any(each.has_arrived for each in sent)
        is_failing = not has_arrived and any(each.came for each in sent)
        standing = EndpointHealth(work, endpoint, [each.came for each in sent if each.came])
        if standing.record(has_arrived=has_arrived, is_failing=is_failing):
            return JobResult(job.asked)
        due_at = _next_due(work, endpoint_id)
        if due_at and standing.waits_until:
            due_at = max(due_at, standing.waits_until)
        return JobResult(job.asked, due_at, is_slow=is_failing)

    def _change(self, work: WriteSession, sent: DeliveryResult) -> dict[str, object]:
        made = sent.parcel.attempts_made + (sent.came is not None)
        due_at = None
        if sent.came is None:
            move = DeliveryMove.WITHHOLD
        elif sent.has_arrived:
            move = DeliveryMove.DELIVER
        else:
            due_at = self.schedule.next(made, work.now)
            wait = retry_after(sent.came, work.now)
            due_at = max(due_at, work.now + wait) if due_at and wait else due_at
            move = DeliveryMove.TRY_AGAIN if due_at else DeliveryMove.GIVE_UP
        return {
            "workspace": work.caller.workspace_id,
            "identity": sent.parcel.id,
            "now": work.now,
            "new_state": DELIVERY.next_state(DeliveryState.PENDING, move).value,
            "made": made,
            "next_at": due_at,
            "arrived_at": work.now if move is DeliveryMove.DELIVER else None,
        }


_own = DeliveryRow.table()
_SETTLE = (
    update(_own)
    .where(
        _own.c.workspace_id == bindparam("workspace", type_=_own.c.workspace_id.type),
        _own.c.id == bindparam("identity", type_=TypeIdType("dvy")),
    )
    .values(
        state=bindparam("new_state"),
        attempts_made=bindparam("made"),
        due_at=bindparam("next_at", type_=UtcDateTime()),
        delivered_at=bindparam("arrived_at", type_=UtcDateTime()),
        updated_at=bindparam("now", type_=UtcDateTime()),
        version=_own.c.version + 1,
    )
)


def _disable_unsigned(work: WriteSession, job: Job) -> JobResult:
    """Disable an endpoint whose secret was sealed by another server's: nothing goes unsigned."""
    endpoint = work.one_or_none(ENDPOINT_BY_ID, id=EndpointId(job.key))
    if endpoint is not None and endpoint.state == EndpointState.ACTIVE:
        changes = EndpointHealth(work, endpoint, ()).disable(DisabledBecause.UNSIGNABLE)
        work.update(EndpointRow, endpoint, **changes)
    return JobResult(job.asked)


def _by_subject(parcels: Sequence[OutgoingMessage]) -> Iterable[list[OutgoingMessage]]:
    groups: dict[str, list[OutgoingMessage]] = {}
    for parcel in parcels:
        groups.setdefault(parcel.subject, []).append(parcel)
    return groups.values()


def _next_due(work: ReadSession, endpoint_id: EndpointId) -> datetime | None:
    found: Any = work.all(NEXT_DUE, endpoint_id=endpoint_id)[0]
    due_at: datetime | None = found.due_at
    return due_at


def _attempt(endpoint: EndpointRow, sent: DeliveryResult) -> dict[str, object]:
    came = sent.came
    assert came is not None  # noqa: S101 - what was withheld is no attempt
    is_answer = isinstance(came, WebhookResponse)
    return {
        "member_id": endpoint.member_id,
        "delivery_id": sent.parcel.id,
        "status": came.status if isinstance(came, WebhookResponse) else None,
        "failure": came.kind.value if isinstance(came, WebhookFailure) else None,
        "milliseconds": round(came.latency_seconds * 1000),
        "first_bytes": _readable(came.first_bytes)
        if isinstance(came, WebhookResponse) and is_answer
        else "",
    }


def _readable(raw: bytes) -> str:
    """Return the beginning of an answer as text that every database keeps."""
    return raw.decode(errors="replace").replace("\0", "\ufffd")[:_KEPT_CHARACTERS]
