"""Webhook endpoints, events and leased jobs for tests of deliveries, without HTTP."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import and_, select, update

from app.core.messaging.domain_event import DomainEvent
from app.core.messaging.job_queue import Job, JobResult, JobRow
from app.core.security.encryption import SecretCipher
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.integrations.webhooks.delivery import fan_out
from app.integrations.webhooks.delivery.results import WebhookFailure, WebhookResponse
from app.integrations.webhooks.subscriptions import service as endpoints
from app.integrations.webhooks.subscriptions.repository import EndpointRecord
from app.integrations.webhooks.subscriptions.schemas import EndpointCreate
from app.integrations.webhooks.subscriptions.service import ENCRYPTION_PURPOSE, EndpointService
from app.kit.ids import EndpointId, EventId
from tests.support.callers import Services
from tests.support.servers import SECRET

ENDPOINTS = EndpointService(SecretCipher(SECRET.encode(), ENCRYPTION_PURPOSE), development=False)
URL = "https://receiver.example/hooks"

_jobs = JobRow.table()


def add_endpoint(owner: Services, **fields: Any) -> EndpointId:
    """Create an endpoint, and return its id."""
    body = EndpointCreate.model_validate({"url": URL} | fields)
    return owner.write(ENDPOINTS.create, body).row.endpoint.id


def endpoint_of(owner: Services, endpoint_id: EndpointId) -> EndpointRecord:
    """Return an endpoint as it is stored."""
    return owner.read(endpoints.get, endpoint_id)


def append(owner: Services, *events: DomainEvent) -> list[EventId]:
    """Write events to the outbox without running their handlers, and return their ids."""
    return owner.write(WriteSession.append_events, *events)


def job_of(services: Services, kind: str, key: str = "") -> Any:
    """Return the row of a job, or None when it was never enqueued."""

    def read(session: ReadSession) -> Any:
        return session.connection.execute(select(_jobs).where(_is(services, kind, key))).first()

    return services.read(read)


def leased(services: Services, kind: str, key: str = "") -> Job:
    """Lease this job and no other, as a worker does."""
    now, lease_id = services.service.clock(), token_hex(8)
    lease = (
        update(_jobs)
        .where(_is(services, kind, key))
        .values(lease_id=lease_id, due_at=now + timedelta(minutes=1))
    )

    def write(session: WriteSession) -> None:
        session.connection.execute(lease)

    services.write(write)
    row = job_of(services, kind, key)
    counts = (row.requested_count, row.completed_count, row.failures)
    return Job(row.workspace_id, row.kind, row.key, *counts, lease_id)


def _is(services: Services, kind: str, key: str) -> Any:
    workspace_id = services.caller.workspace_id
    return and_(_jobs.c.workspace_id == workspace_id, _jobs.c.kind == kind, _jobs.c.key == key)


def response(status: int, retry_after: str | None = None, body: bytes = b"") -> WebhookResponse:
    """Return a response of a receiver."""
    return WebhookResponse(status, retry_after, body, latency_seconds=0.25)


@dataclass
class FakeClient:
    """Stands for the HTTP client: keeps what is posted, and returns what a test wants."""

    answers: WebhookResponse | WebhookFailure
    timeout_seconds: float = 15.0
    posted: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> WebhookResponse | WebhookFailure:
        """Keep the message."""
        self.posted.append((url, body, dict(headers)))
        return self.answers


def fan_out_events(services: Services) -> JobResult:
    """Create the deliveries of all events so far, as the worker does."""
    job = leased(services, fan_out.KIND)
    return asyncio.run(fan_out.fan_out(services.service.runner, job))
