"""Dispatcher: sends the due deliveries of one endpoint and records the results.

One job per endpoint, so that a slow or dead receiver delays no other. Deliveries about the same
subject go out in order, one at a time; others concurrently. A delivery counts as delivered only
after a 2xx response, and is retried until then or until it is given up: a worker that is killed
may send something twice, and loses nothing.
"""

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from sqlalchemy import bindparam, update

from app.core.messaging.job_queue import Job, JobResult, extend_lease
from app.core.persistence.tenancy import Caller
from app.core.persistence.types import TypeIdType, UtcDateTime
from app.core.security.encryption import DecryptionError
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
from app.integrations.webhooks.subscriptions.lifecycle import DisabledReason, EndpointState
from app.integrations.webhooks.subscriptions.repository import (
    ENDPOINT_BY_ID,
    OWNER_OF_ENDPOINT,
    EndpointRecord,
)
from app.integrations.webhooks.subscriptions.service import EndpointService
from app.kit.ids import EndpointId

_BATCH_SIZE = 8
_MAX_IN_FLIGHT = 16
_MAX_CONCURRENT_SUBJECTS = 5
_TURN = timedelta(seconds=10)  # then the job is released, so that other endpoints get their turn
_PAUSE = timedelta(seconds=1)  # before a job whose lease ran short is leased again
_JITTER = 0.1
_MAX_STORED_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class DeliveryBatch:
    """Due deliveries to one endpoint, where they go, and the secrets that sign them."""

    url: str
    secrets: Sequence[str]
    messages: Sequence[OutgoingMessage]
    is_failing: bool


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """A message and the result of its attempt; None where it was withheld."""

    message: OutgoingMessage
    result: WebhookResponse | WebhookFailure | None

    @property
    def has_arrived(self) -> bool:
        """Whether the receiver accepted it."""
        return isinstance(self.result, WebhookResponse) and is_success(self.result)


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """Exponential backoff: the delays before each retry, with jitter."""

    delays: Sequence[timedelta]
    chance: Callable[[], float] = field(default=random.random)

    def next(self, attempt_count: int, now: datetime) -> datetime | None:
        """Return when the next attempt is due; None when that was the last."""
        if attempt_count > len(self.delays):
            return None
        return now + self.delays[attempt_count - 1] * (1 + _JITTER * self.chance())


@dataclass(frozen=True, slots=True)
class DeliveryDispatcher:
    """The handler of the job that delivers to one endpoint."""

    runner: UnitOfWorkRunner
    client: WebhookClient
    endpoints: EndpointService
    schedule: RetrySchedule
    lease: timedelta
    in_flight: InFlightLimiter = field(default_factory=partial(InFlightLimiter, _MAX_IN_FLIGHT))

    async def deliver(self, job: Job) -> JobResult | None:
        """Send what is due to the endpoint that the job names; None when it was deleted."""
        started = leased_at = self.runner.clock()
        while True:
            rest = await self._deliver_batch(job, leased_at)
            leased_at = self.runner.clock()
            if rest is None or rest.run_again_at is None or rest.run_again_at > leased_at:
                return rest
            if leased_at - started > _TURN:
                return rest

    async def _deliver_batch(self, job: Job, leased_at: datetime) -> JobResult | None:
        """Send one batch; return what remains to be done."""
        async with self.in_flight.acquire(_BATCH_SIZE) as permits:
            now = self.runner.clock()
            if now - leased_at > self.lease / 4:  # the rest of the lease may be too short
                return JobResult(job.completed_count, now + _PAUSE)
            try:
                batch = await self.runner.read_as_system(job.workspace_id, self._next_batch, job)
            except DecryptionError:
                return await self.runner.run_as_system(job.workspace_id, _disable_unsignable, job)
            if batch is None or isinstance(batch, JobResult):
                return batch
            permits.shrink_to(0 if batch.is_failing else len(batch.messages))
            with permits.release_if_slow():
                results = await self._send(batch)
            return await self.runner.run_as_system(job.workspace_id, self._record, job, results)

    async def _send(self, batch: DeliveryBatch) -> list[DeliveryResult]:
        """Send what can be started within one request timeout; the rest stays due.

        So a batch takes at most twice that timeout, which the lease allows for.
        """
        concurrency = asyncio.Semaphore(_MAX_CONCURRENT_SUBJECTS)
        started = monotonic()
        results: list[DeliveryResult] = []

        async def send_in_order(messages: Sequence[OutgoingMessage]) -> None:
            async with concurrency:
                for message in messages:
                    if monotonic() - started >= self.client.timeout_seconds:
                        return
                    results.append(await self._post(batch, message))

        await asyncio.gather(*map(send_in_order, _by_subject(batch.messages)))
        return results

    async def _post(self, batch: DeliveryBatch, message: OutgoingMessage) -> DeliveryResult:
        if message.body is None:
            return DeliveryResult(message, None)
        now = self.runner.clock()
        headers = headers_for(message.event_id, now, message.body, batch.secrets)
        return DeliveryResult(message, await self.client.post(batch.url, message.body, headers))

    def _next_batch(self, session: ReadSession, job: Job) -> DeliveryBatch | JobResult | None:
        """Return the next batch, or when to look again; None when the endpoint was deleted."""
        endpoint = session.one_or_none(ENDPOINT_BY_ID, id=EndpointId(job.key))
        if endpoint is None:
            return None
        if endpoint.state is not EndpointState.ACTIVE:
            return JobResult(job.requested_count)
        if endpoint.throttled_until and endpoint.throttled_until > session.now:
            return JobResult(job.requested_count, endpoint.throttled_until)
        is_failing = endpoint.failing_since is not None
        # A failing endpoint is tried with one message, so that it holds a permit only briefly.
        limit = 1 if is_failing else _BATCH_SIZE
        rows = session.all(DUE_DELIVERIES, endpoint_id=endpoint.id, now=session.now, limit=limit)
        if not rows:
            due_at = _next_due(session, endpoint.id)
            return JobResult(job.requested_count, due_at, is_slow=is_failing)
        as_owner = replace(session, caller=_owner(session, endpoint))
        messages = PayloadBuilder(as_owner, endpoint.payload_format).messages(rows)
        secrets = self.endpoints.secrets(session, endpoint)
        return DeliveryBatch(endpoint.url, secrets, messages, is_failing)

    def _record(
        self, session: WriteSession, job: Job, results: Sequence[DeliveryResult]
    ) -> JobResult:
        """Store the results; return when the next delivery is due."""
        extend_lease(session.connection, job, session.now + self.lease)
        endpoint_id = EndpointId(job.key)
        endpoint = session.one_or_none(ENDPOINT_BY_ID, id=endpoint_id)
        if endpoint is None:
            return JobResult(job.requested_count)
        attempts = [
            _attempt_row(endpoint, delivery.message, delivery.result)
            for delivery in results
            if delivery.result
        ]
        session.add_all(AttemptRow, attempts)
        changes = [self._change(session, delivery) for delivery in results]
        session.connection.execute(_RECORD_DELIVERY, changes)
        has_arrived = any(delivery.has_arrived for delivery in results)
        is_failing = bool(attempts) and not has_arrived
        health = EndpointHealth(
            session, endpoint, [delivery.result for delivery in results if delivery.result]
        )
        if health.record(has_arrived=has_arrived, is_failing=is_failing):
            return JobResult(job.requested_count)
        due_at = _next_due(session, endpoint_id)
        if due_at and health.throttled_until:
            due_at = max(due_at, health.throttled_until)
        return JobResult(job.requested_count, due_at, is_slow=is_failing)

    def _change(self, session: WriteSession, delivery: DeliveryResult) -> dict[str, object]:
        """Return the parameters of `_RECORD_DELIVERY`."""
        attempt_count = delivery.message.attempt_count + (delivery.result is not None)
        due_at = None
        if delivery.result is None:
            move = DeliveryMove.WITHHOLD
        elif delivery.has_arrived:
            move = DeliveryMove.DELIVER
        else:
            due_at = self.schedule.next(attempt_count, session.now)
            delay = retry_after(delivery.result, session.now)
            due_at = max(due_at, session.now + delay) if due_at and delay else due_at
            move = DeliveryMove.TRY_AGAIN if due_at else DeliveryMove.GIVE_UP
        return {
            "workspace": session.caller.workspace_id,
            "identity": delivery.message.id,
            "now": session.now,
            "new_state": DELIVERY.next_state(DeliveryState.PENDING, move),
            "made": attempt_count,
            "next_at": due_at,
            "arrived_at": session.now if move is DeliveryMove.DELIVER else None,
        }


_deliveries = DeliveryRow.table()
_RECORD_DELIVERY = (
    update(_deliveries)
    .where(
        _deliveries.c.workspace_id == bindparam("workspace", type_=_deliveries.c.workspace_id.type),
        _deliveries.c.id == bindparam("identity", type_=TypeIdType("dvy")),
    )
    .values(
        state=bindparam("new_state", type_=_deliveries.c.state.type),
        attempt_count=bindparam("made"),
        due_at=bindparam("next_at", type_=UtcDateTime()),
        delivered_at=bindparam("arrived_at", type_=UtcDateTime()),
        updated_at=bindparam("now", type_=UtcDateTime()),
        version=_deliveries.c.version + 1,
    )
)


def _owner(session: ReadSession, endpoint: EndpointRecord) -> Caller:
    role = session.all(OWNER_OF_ENDPOINT, id=endpoint.id)[0].role
    return Caller(session.caller.workspace_id, endpoint.member_id, role, frozenset())


def _disable_unsignable(session: WriteSession, job: Job) -> JobResult:
    """Disable an endpoint whose secret cannot be decrypted: nothing is sent unsigned."""
    endpoint = session.one_or_none(ENDPOINT_BY_ID, id=EndpointId(job.key))
    if endpoint is not None:
        EndpointHealth(session, endpoint, ()).disable(DisabledReason.UNSIGNABLE)
    return JobResult(job.requested_count)


def _by_subject(messages: Sequence[OutgoingMessage]) -> Iterable[list[OutgoingMessage]]:
    groups: dict[str, list[OutgoingMessage]] = {}
    for message in messages:
        groups.setdefault(message.subject, []).append(message)
    return groups.values()


def _next_due(session: ReadSession, endpoint_id: EndpointId) -> datetime | None:
    return session.all(NEXT_DUE, endpoint_id=endpoint_id)[0].due_at


def _attempt_row(
    endpoint: EndpointRecord, message: OutgoingMessage, result: WebhookResponse | WebhookFailure
) -> dict[str, object]:
    response = result if isinstance(result, WebhookResponse) else None
    return {
        "member_id": endpoint.member_id,
        "delivery_id": message.id,
        "status": response.status if response else None,
        "failure": result.kind if isinstance(result, WebhookFailure) else None,
        "duration_ms": round(result.latency_seconds * 1000),
        "response_excerpt": _readable(response.response_excerpt) if response else "",
    }


def _readable(raw: bytes) -> str:
    """Return the start of a response as text that every database can store."""
    return raw.decode(errors="replace").replace("\0", "\ufffd")[:_MAX_STORED_CHARACTERS]
