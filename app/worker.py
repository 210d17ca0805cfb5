"""Put the worker together: which kinds of jobs there are, who does them, how many at once."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from app.core.config.settings import Settings
from app.core.messaging.job_queue import Job, Rest
from app.core.messaging.notifier import Messenger
from app.core.security.encryption import Sealer
from app.core.security.signing_secret import signing_secret
from app.core.unit_of_work.runner import Work
from app.core.worker import Crew, Worker
from app.guidance.estimates.model_sharing import LEARN
from app.guidance.estimates.model_trainer import AT_IT, Learner
from app.guidance.estimates.training_cases import Rules
from app.guidance.steps import due_events
from app.guidance.steps.reconciler import ANNOUNCE
from app.integrations.webhooks.delivery import fan_out, replay_job, retention
from app.integrations.webhooks.delivery.dispatcher import Courier, Schedule
from app.integrations.webhooks.delivery.http_client import Poster
from app.integrations.webhooks.job_kinds import DELIVER, KEEP, REPLAY
from app.integrations.webhooks.subscriptions.service import Registrar

_DELIVERIES = 200  # endpoints at once, and of those that keep us waiting:
_SLOW_DELIVERIES = 50
_FEW = 4
_PER_HOST = 250  # a host may have many endpoints, and each is held to a few calls by itself
_TO_WRITE_SECONDS = 5.0  # down what came of some deliveries, on a database that is slow


def build_registrar(settings: Settings) -> Registrar:
    """Return who takes endpoints in, under the settings."""
    is_development = settings.environment == "development"
    return Registrar(Sealer(signing_secret(settings)), development=is_development)


def build_poster(settings: Settings) -> Poster:
    """Return who posts what is sent; to be opened by whoever uses it."""
    return Poster(
        development=settings.environment == "development",
        timeout_seconds=settings.webhook_timeout_seconds,
        per_host=_PER_HOST,
    )


@asynccontextmanager
async def working(settings: Settings, work: Work) -> AsyncIterator[Worker]:
    """Give a worker with everything that it needs, for the length of a block."""
    async with build_poster(settings) as poster:
        yield Worker(work, crews(settings, work, poster))


@asynccontextmanager
async def employing(settings: Settings, work: Work) -> AsyncIterator[None]:
    """Have a worker at work in this process for the length of a block, if the settings want one."""
    if not settings.worker:
        yield
        return
    async with working(settings, work) as worker:
        task = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            await worker.stop(settings.stop_seconds)
            await task


async def work_until_told(settings: Settings, work: Work) -> None:
    """Work until the process is told to stop; what is under way may still finish."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    stop_carrying = carrying(settings, work)
    async with employing(settings.model_copy(update={"worker": True}), work):
        await told.wait()
    stop_carrying()
    work.database.close_within(settings.stop_seconds)


def carrying(settings: Settings, work: Work) -> Callable[[], None]:
    """Begin to carry news between processes, where several can share a database.

    What is returned ends that.
    """
    if settings.is_sqlite:
        return lambda: None
    return Messenger(settings, work.bell).start()


def crews(settings: Settings, work: Work, poster: Poster) -> list[Crew]:
    """Return who does what: each kind of job has places of its own."""
    lease = timedelta(seconds=_TO_WRITE_SECONDS + 2 * settings.webhook_timeout_seconds)
    schedule = Schedule([timedelta(seconds=each) for each in settings.webhook_retry_schedule])
    rules = Rules(settings.no_answer_days, settings.outcome_half_life_days)
    learner = Learner(work, rules)
    courier = Courier(work, poster, build_registrar(settings), schedule, lease)

    async def publish(job: Job) -> Rest:
        return await fan_out.publish(work, job)

    async def replay(job: Job) -> None:
        await replay_job.replay(work, job)

    async def keep(job: Job) -> Rest:
        return await retention.forget_what_is_old(work, job, settings.events_kept_days)

    async def announce(job: Job) -> Rest:
        return await due_events.announce(work, job)

    return [
        Crew(fan_out.KIND, publish, places=_FEW, lease=fan_out.LEASE),
        Crew(DELIVER, courier.deliver, _DELIVERIES, _SLOW_DELIVERIES, lease),
        Crew(REPLAY, replay, places=_FEW),
        Crew(LEARN, learner.learn, places=2, lease=AT_IT),
        Crew(KEEP, keep, places=1),
        Crew(ANNOUNCE, announce, places=2),
    ]
