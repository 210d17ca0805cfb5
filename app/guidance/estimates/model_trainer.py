"""Training: refits the model of a workspace when outcomes or signals change.

One job per workspace: ingest new events, rebuild the affected training cases, refit from all of
them. The model therefore depends neither on the order in which outcomes became known nor on what
was corrected or erased since. The old model is served until the new one is committed.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from app.core.messaging.job_queue import Job, JobResult, extend_lease
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.guidance.estimates.model_sharing import is_unpublished, peer_summaries, publish_summary
from app.guidance.estimates.models import ModelRow
from app.guidance.estimates.repository import CASES, MODEL, CaseRecord
from app.guidance.estimates.training_cases import (
    LabelingRules,
    find_stale,
    ingest_events,
    is_ahead,
    rebuild_cases,
)
from app.kit.clock import start_of_day_utc
from app.kit.digest import digest
from app.kit.ids import ApplicationId
from app.scoring import (
    ELICITED,
    Outcome,
    Posterior,
    Result,
    Summary,
    learn,
    pool,
    summarise,
    to_plain,
)

TRAINING_LEASE = timedelta(minutes=2)
"""How long one step of the training may take."""

_ONE_DAY = timedelta(days=1)
_FORMAT = 1  # of what is stored with the posterior; another format is trained again

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class TrainingInput:
    """The input of a training, its digest, and the state of the model."""

    outcomes: list[Outcome]
    peer_summaries: list[Summary]
    is_shared: bool
    training: str
    is_trained: bool
    run_again_on: date | None


class ModelTrainer:
    """Trains the model of one workspace after another."""

    def __init__(self, runner: UnitOfWorkRunner, rules: LabelingRules) -> None:
        self._runner = runner
        self._rules = rules

    async def train(self, job: Job) -> JobResult:
        """Bring the model of a workspace up to date."""
        workspace_id = job.workspace_id
        await self._run_batches(job, ingest_events, self._rules)
        application_ids: Sequence[ApplicationId] = await self._runner.read_as_system(
            workspace_id, find_stale, self._rules
        )
        if application_ids:
            await self._run_batches(job, self._rebuild, application_ids)
        data = await self._runner.read_as_system(workspace_id, _gather, self._rules)
        if not data.is_trained:
            # On a thread: numpy releases the interpreter lock while it calculates.
            model, summary = await asyncio.to_thread(_fit, data, self._rules)
            await self._runner.run_as_system(workspace_id, _store, job, data, model, summary)
        run_again_at = start_of_day_utc(data.run_again_on) if data.run_again_on else None
        return JobResult(job.requested_count, run_again_at)

    def _rebuild(
        self, session: WriteSession, applications: Sequence[ApplicationId]
    ) -> Sequence[ApplicationId] | None:
        return rebuild_cases(session, applications, self._rules)

    async def _run_batches(
        self, job: Job, step: Callable[[WriteSession, State], State | None], remaining: State
    ) -> None:
        """Run a step until all is done; each transaction extends the lease."""

        def leased(session: WriteSession, rest: State) -> State | None:
            extend_lease(session.connection, job, session.now + TRAINING_LEASE)
            return step(session, rest)

        await self._runner.run_batches(job.workspace_id, leased, remaining)


def _gather(session: ReadSession, rules: LabelingRules) -> TrainingInput:
    model = session.one_or_none(MODEL)
    cases = session.all(CASES)
    outcomes = [Outcome(case.encoded) for case in cases if case.encoded is not None]
    is_shared = model is not None and model.is_shared
    summaries = peer_summaries(session) if is_shared else []
    training = digest(
        {
            "form": _FORMAT,
            "outcomes": sorted(outcome.name for outcome in outcomes),
            "others": sorted(summary.name for summary in summaries),
            "half_life": rules.half_life_days,
            "prior": ELICITED.version,
            "is_shared": is_shared,
        }
    )
    has_same_input = model is not None and model.training == training
    # A workspace that shares again has its old model, but the others do not have its summary.
    is_trained = has_same_input and not (is_shared and is_unpublished(session))
    run_again_on = _next_change(cases, session.now.date(), rules)
    return TrainingInput(outcomes, summaries, is_shared, training, is_trained, run_again_on)


def _next_change(cases: Sequence[CaseRecord], today: date, rules: LabelingRules) -> date | None:
    """Return the date of the next run.

    At the latest when an unanswered application reaches its patience. With any training case it is
    tomorrow, because settings may have changed meanwhile.
    """
    unanswered = [case for case in cases if case.result in {None, Result.NO_RESPONSE}]
    patience = timedelta(days=rules.patience_days)
    days = [case.last_round_on + patience for case in unanswered if case.last_round_on]
    days += [
        case.last_round_on + _ONE_DAY
        for case in cases
        if case.last_round_on and is_ahead(case, today)
    ]
    if any(case.encoded is not None for case in cases):
        days.append(today)
    return min((max(day, today + _ONE_DAY) for day in days), default=None)


def _fit(data: TrainingInput, rules: LabelingRules) -> tuple[Posterior, Summary | None]:
    prior = pool(data.peer_summaries)
    model = learn(data.outcomes, prior, half_life=rules.half_life_days)
    if not data.is_shared:
        return model, None
    return model, summarise(data.outcomes, half_life=rules.half_life_days)


def _store(
    session: WriteSession, job: Job, data: TrainingInput, model: Posterior, summary: Summary | None
) -> None:
    extend_lease(session.connection, job, session.now + TRAINING_LEASE)
    row = session.one_or_none(MODEL)
    if row is None or row.is_shared != data.is_shared:
        return  # sharing was changed meanwhile, which has enqueued the job again
    session.update(ModelRow, row, posterior=to_plain(model), training=data.training)
    if data.is_shared:
        publish_summary(session, summary)
