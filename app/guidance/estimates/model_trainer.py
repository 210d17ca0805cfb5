"""Learn what signals are worth in a workspace, as it becomes known what became of its cases.

One job for each workspace, done by the worker. It looks up what has changed since it last did,
packs those cases anew, and learns from all of them at once: so the model depends neither on the
order in which things became known nor on what was corrected or erased since. Until it is written
down the model before it serves.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from app.core.messaging.job_queue import Job, JobResult, extend_lease
from app.core.persistence.tenancy import system_caller
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.guidance.estimates.model_sharing import is_unpublished, peer_summaries, publish_summary
from app.guidance.estimates.models import CaseRow, ModelRow
from app.guidance.estimates.repository import CASES, WHOLE_MODEL
from app.guidance.estimates.training_cases import (
    AT_ONCE,
    LabelingRules,
    find_stale,
    ingest_events,
    is_ahead,
    rebuild_cases,
)
from app.kit.clock import start_of_day_utc
from app.kit.digest import digest
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
"""For how long one step of learning may take at most."""

_SOON = timedelta(days=1)
_FORM = 1  # of what is stored besides the belief; another one is learnt again


Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class TrainingInput:
    """Everything that a model is made from, and what is to be written down with it."""

    outcomes: list[Outcome]
    others: list[Summary]
    is_shared: bool
    training: str
    is_known: bool
    due_on: date | None


class ModelTrainer:
    """Learns in one workspace after another, as jobs ask for it."""

    def __init__(self, work: UnitOfWorkRunner, rules: LabelingRules) -> None:
        self._work = work
        self._rules = rules

    async def learn(self, job: Job) -> JobResult:
        """Bring the model of a workspace to what is known now."""
        while await self._write(job, ingest_events, self._rules):
            pass
        changed = await self._read(job, find_stale)
        for at in range(0, len(changed), AT_ONCE):
            await self._write(job, rebuild_cases, changed[at : at + AT_ONCE], self._rules)
        lesson = await self._read(job, _gather)
        if not lesson.is_known:
            # On a thread: numpy lets go of the interpreter while it calculates.
            model, summary = await asyncio.to_thread(_learn, lesson, self._rules)
            await self._write(job, _write_down, lesson, model, summary)
        return JobResult(job.asked, start_of_day_utc(lesson.due_on) if lesson.due_on else None)

    async def _read(self, job: Job, look: Callable[[ReadSession, LabelingRules], Found]) -> Found:
        unit = self._work.bind_read(system_caller(job.workspace_id), look, self._rules)
        return await self._work.read(unit)

    async def _write(self, job: Job, change: Any, *args: Any) -> Any:  # noqa: ANN401 - as given
        def unit(work: WriteSession) -> Any:  # noqa: ANN401 - as given
            extend_lease(work.connection, job, work.now + TRAINING_LEASE)
            return change(work, *args)

        return await self._work.write(
            self._work.bind_write(system_caller(job.workspace_id), NO_PRECONDITIONS, unit)
        )


def _gather(work: ReadSession, rules: LabelingRules) -> TrainingInput:
    model = work.one_or_none(WHOLE_MODEL)
    rows = work.all(CASES)
    outcomes = [Outcome(row.packed) for row in rows if row.packed is not None]
    is_shared = model is not None and model.is_shared
    summaries = peer_summaries(work) if is_shared else []
    training = digest(
        {
            "form": _FORM,
            "outcomes": sorted(each.name for each in outcomes),
            "others": sorted(each.name for each in summaries),
            "half_life": rules.half_life_days,
            "prior": ELICITED.version,
            "is_shared": is_shared,
        }
    )
    is_learnt = model is not None and model.training == training
    # Whoever left and came back has the same model, and the others not yet its sums.
    is_known = is_learnt and not (is_shared and is_unpublished(work))
    due_on = _next_change(rows, work.now.date(), rules)
    return TrainingInput(outcomes, summaries, is_shared, training, is_known, due_on)


def _next_change(rows: Sequence[CaseRow], today: date, rules: LabelingRules) -> date | None:
    """Return the day of the next look: when a silence that is still open speaks, at the latest.

    Where something was learnt it is tomorrow, because settings may have changed meanwhile.
    """
    waiting = [row for row in rows if row.result in {None, Result.NO_RESPONSE}]
    patience = timedelta(days=rules.patience_days)
    days = [row.last_round_on + patience for row in waiting if row.last_round_on]
    days += [
        row.last_round_on + _SOON for row in rows if row.last_round_on and is_ahead(row, today)
    ]
    if any(row.packed is not None for row in rows):
        days.append(today)
    return min((max(day, today + _SOON) for day in days), default=None)


def _learn(lesson: TrainingInput, rules: LabelingRules) -> tuple[Posterior, Summary | None]:
    prior = pool(lesson.others)
    model = learn(lesson.outcomes, prior, half_life=rules.half_life_days)
    if not lesson.is_shared:
        return model, None
    return model, summarise(lesson.outcomes, half_life=rules.half_life_days)


def _write_down(
    work: WriteSession, lesson: TrainingInput, model: Posterior, summary: Summary | None
) -> None:
    row = work.one_or_none(WHOLE_MODEL)
    if row is None or row.is_shared != lesson.is_shared:
        return  # changed meanwhile, and asked for again with that
    work.update(ModelRow, row, belief=to_plain(model), training=lesson.training)
    if lesson.is_shared:
        publish_summary(work, summary)
