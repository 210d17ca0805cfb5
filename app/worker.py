"""Put the worker together: which kinds of jobs there are, who does them, how many at once."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from app.core.config.settings import Settings
from app.core.messaging.job_queue import Job, JobResult
from app.core.messaging.notifier import PostgresNotifier
from app.core.security.encryption import SecretCipher
from app.core.security.signing_secret import signing_secret
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.worker import JobPool, Worker
from app.guidance.estimates.model_sharing import TRAIN
from app.guidance.estimates.model_trainer import TRAINING_LEASE, ModelTrainer
from app.guidance.estimates.training_cases import LabelingRules
from app.guidance.steps import due_events
from app.guidance.steps.reconciler import ANNOUNCE
from app.integrations.webhooks.delivery import fan_out, replay_job, retention
from app.integrations.webhooks.delivery.dispatcher import DeliveryDispatcher, RetrySchedule
from app.integrations.webhooks.delivery.http_client import WebhookClient
from app.integrations.webhooks.job_kinds import DELIVER, PURGE, REPLAY
from app.integrations.webhooks.subscriptions.service import EndpointService

_DELIVERIES = 200  # endpoints at once, and of those that keep us waiting:
_SLOW_DELIVERIES = 50
_FEW = 4
_PER_HOST = 250  # a host may have many endpoints, and each is held to a few calls by itself
_TO_WRITE_SECONDS = 5.0  # down what came of some deliveries, on a database that is slow


def build_registrar(settings: Settings) -> EndpointService:
    """Return who takes endpoints in, under the settings."""
    is_development = settings.environment == "development"
    return EndpointService(SecretCipher(signing_secret(settings)), development=is_development)


def build_webhook_client(settings: Settings) -> WebhookClient:
    """Return who posts what is sent; to be opened by whoever uses it."""
    return WebhookClient(
        development=settings.environment == "development",
        timeout_seconds=settings.webhook_timeout_seconds,
        per_host=_PER_HOST,
    )


@asynccontextmanager
async def worker_context(settings: Settings, work: UnitOfWorkRunner) -> AsyncIterator[Worker]:
    """Give a worker with everything that it needs, for the length of a block."""
    async with build_webhook_client(settings) as poster:
        yield Worker(work, job_pools(settings, work, poster))


@asynccontextmanager
async def embedded_worker(settings: Settings, work: UnitOfWorkRunner) -> AsyncIterator[None]:
    """Have a worker at work in this process for the length of a block, if the settings want one."""
    if not settings.worker:
        yield
        return
    async with worker_context(settings, work) as worker:
        task = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            await worker.stop(settings.stop_seconds)
            await task


async def run_until_signal(settings: Settings, work: UnitOfWorkRunner) -> None:
    """Work until the process is told to stop; what is under way may still finish."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    stop_carrying = start_notifier(settings, work)
    async with embedded_worker(settings.model_copy(update={"worker": True}), work):
        await told.wait()
    stop_carrying()
    work.database.close_with_timeout(settings.stop_seconds)


def start_notifier(settings: Settings, work: UnitOfWorkRunner) -> Callable[[], None]:
    """Begin to carry news between processes, where several can share a database.

    What is returned ends that.
    """
    if settings.is_sqlite:
        return lambda: None
    return PostgresNotifier(settings, work.notifier).start()


def job_pools(settings: Settings, work: UnitOfWorkRunner, poster: WebhookClient) -> list[JobPool]:
    """Return who does what: each kind of job has places of its own."""
    lease = timedelta(seconds=_TO_WRITE_SECONDS + 2 * settings.webhook_timeout_seconds)
    schedule = RetrySchedule([timedelta(seconds=each) for each in settings.webhook_retry_schedule])
    rules = LabelingRules(settings.no_answer_days, settings.outcome_half_life_days)
    learner = ModelTrainer(work, rules)
    courier = DeliveryDispatcher(work, poster, build_registrar(settings), schedule, lease)

    async def publish(job: Job) -> JobResult:
        return await fan_out.fan_out(work, job)

    async def replay(job: Job) -> None:
        await replay_job.replay(work, job)

    async def keep(job: Job) -> JobResult:
        return await retention.purge_expired(work, job, settings.events_kept_days)

    async def announce(job: Job) -> JobResult:
        return await due_events.publish_due_steps(work, job)

    return [
        JobPool(fan_out.KIND, publish, concurrency=_FEW, lease=fan_out.LEASE),
        JobPool(DELIVER, courier.deliver, _DELIVERIES, _SLOW_DELIVERIES, lease),
        JobPool(REPLAY, replay, concurrency=_FEW),
        JobPool(TRAIN, learner.learn, concurrency=2, lease=TRAINING_LEASE),
        JobPool(PURGE, keep, concurrency=1),
        JobPool(ANNOUNCE, announce, concurrency=2),
    ]
