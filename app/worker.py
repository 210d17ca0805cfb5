"""Composition root of the worker: the kinds of background jobs, their handlers and limits."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from app.core.config.settings import Settings
from app.core.job_worker import JobPool, Worker
from app.core.messaging.job_queue import Job, JobResult
from app.core.messaging.notifier import PostgresNotifier
from app.core.security.encryption import SecretCipher
from app.core.security.signing_secret import signing_secret
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.guidance.estimates.job_kinds import TRAIN
from app.guidance.estimates.model_trainer import TRAINING_LEASE, ModelTrainer
from app.guidance.estimates.training_cases import LabelingRules
from app.guidance.steps import due_events
from app.guidance.steps.reconciler import DUE_STEPS
from app.integrations.webhooks.delivery import fan_out, replay_job, retention
from app.integrations.webhooks.delivery.dispatcher import DeliveryDispatcher, RetrySchedule
from app.integrations.webhooks.delivery.http_client import WebhookClient
from app.integrations.webhooks.job_kinds import DELIVER, PURGE, REPLAY
from app.integrations.webhooks.subscriptions.service import ENCRYPTION_PURPOSE, EndpointService

_MAX_ENDPOINTS = 200  # that are delivered to concurrently
_MAX_SLOW_ENDPOINTS = 50
_DEFAULT_CONCURRENCY = 4
_CONNECTIONS_PER_HOST = 250  # many endpoints may share a host, each with few connections
_RECORD_SECONDS = 5.0  # to store the results of a batch in a slow database


def build_endpoint_service(settings: Settings) -> EndpointService:
    """Return the service that checks target URLs and encrypts signing secrets."""
    cipher = SecretCipher(signing_secret(settings), ENCRYPTION_PURPOSE)
    return EndpointService(cipher, development=settings.environment == "development")


def build_webhook_client(settings: Settings) -> WebhookClient:
    """Return the HTTP client; open it with `async with`."""
    return WebhookClient(
        development=settings.environment == "development",
        timeout_seconds=settings.webhook_timeout_seconds,
        per_host=_CONNECTIONS_PER_HOST,
    )


@asynccontextmanager
async def worker_context(settings: Settings, runner: UnitOfWorkRunner) -> AsyncIterator[Worker]:
    """Return a worker; its HTTP client is open during the block."""
    async with build_webhook_client(settings) as client:
        yield Worker(runner, job_pools(settings, runner, client))


@asynccontextmanager
async def embedded_worker(settings: Settings, runner: UnitOfWorkRunner) -> AsyncIterator[None]:
    """Run a worker in this process during the block, if the settings enable it."""
    if not settings.worker:
        yield
        return
    async with worker_context(settings, runner) as worker:
        task = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            await worker.stop(settings.shutdown_timeout_seconds)
            await task


async def run_until_signal(settings: Settings, runner: UnitOfWorkRunner) -> None:
    """Run a worker until SIGTERM or SIGINT; running jobs may finish."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    stop_notifier = start_notifier(settings, runner)
    async with embedded_worker(settings.model_copy(update={"worker": True}), runner):
        await stopping.wait()
    stop_notifier()
    runner.database.close_with_timeout(settings.shutdown_timeout_seconds)


def start_notifier(settings: Settings, runner: UnitOfWorkRunner) -> Callable[[], None]:
    """Forward notifications between processes (PostgreSQL only); return what stops it."""
    if settings.is_sqlite:
        return lambda: None
    return PostgresNotifier(settings, runner.notifier).start()


def job_pools(settings: Settings, runner: UnitOfWorkRunner, client: WebhookClient) -> list[JobPool]:
    """Return the handler and the limits of every kind of job."""
    lease = timedelta(seconds=_RECORD_SECONDS + 2 * settings.webhook_timeout_seconds)
    delays = [timedelta(seconds=seconds) for seconds in settings.webhook_retry_schedule]
    rules = LabelingRules(settings.no_response_days, settings.outcome_half_life_days)
    trainer = ModelTrainer(runner, rules)
    dispatcher = DeliveryDispatcher(
        runner, client, build_endpoint_service(settings), RetrySchedule(delays), lease
    )

    async def fan_out_events(job: Job) -> JobResult:
        return await fan_out.fan_out(runner, job)

    async def replay_events(job: Job) -> None:
        await replay_job.replay(runner, job)

    async def purge_events(job: Job) -> JobResult:
        return await retention.purge_expired(runner, job, settings.event_retention_days)

    async def publish_due_steps(job: Job) -> JobResult:
        return await due_events.publish_due_steps(runner, job)

    return [
        JobPool(fan_out.KIND, fan_out_events, _DEFAULT_CONCURRENCY, lease=fan_out.LEASE),
        JobPool(DELIVER, dispatcher.deliver, _MAX_ENDPOINTS, _MAX_SLOW_ENDPOINTS, lease),
        JobPool(REPLAY, replay_events, concurrency=_DEFAULT_CONCURRENCY),
        JobPool(TRAIN, trainer.train, concurrency=2, lease=TRAINING_LEASE),
        JobPool(PURGE, purge_events, concurrency=1),
        JobPool(DUE_STEPS, publish_due_steps, concurrency=2),
    ]
