"""Learn what signals are worth in a workspace, as it becomes known what became of its cases.

One job for each workspace, done by the worker. It looks up what has changed since it last did,
packs those cases anew, and learns from all of them at once: so the model depends neither on the
order in which things became known nor on what was corrected or erased since. Until it is written
down the model before it serves.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, delete, insert, select, update

from app.applications.lifecycle import Status
from app.core.conditions import NONE
from app.core.jobs import Job, Rest, ask, renew
from app.core.tenancy import steward
from app.core.work import Reading, Work, Writing
from app.estimates.evidence import case_from
from app.estimates.models import CaseRow, ModelRow, SharedSummaryRow
from app.estimates.repository import (
    APPLICATIONS_AFTER,
    CASES,
    CASES_OF,
    CHANGES_AFTER,
    ENDINGS_OF,
    EVIDENCE_OF,
    FORETOLD,
    LAST_POSITION,
    WHOLE_MODEL,
)
from app.interviews.lifecycle import InterviewState
from app.kit.digest import digest
from app.kit.ids import ApplicationId, lowest
from app.scoring import (
    ELICITED,
    Label,
    Outcome,
    Posterior,
    Result,
    Summary,
    as_plain,
    label_of,
    learn,
    outcome_of,
    pool,
    summarise,
)

LEARN = "learn"
"""The kind of job that learns from what became of the cases of one workspace."""

AT_IT = timedelta(minutes=2)
"""For how long one step of learning may take at most."""

_AT_ONCE = 200
_BEGINNING = -1  # the place of a model that has not looked at all applications yet
_SOON = timedelta(days=1)
_FORM = 1  # of what is stored besides the belief; another one is learnt again


Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Rules:
    """How silence is read, and whether what is long past counts for less."""

    patience_days: int
    half_life_days: float | None


@dataclass(frozen=True, slots=True)
class Lesson:
    """Everything that a model is made from, and what is to be written down with it."""

    outcomes: list[Outcome]
    others: list[Summary]
    is_shared: bool
    training: str
    is_known: bool
    due_on: date | None


class Learner:
    """Learns in one workspace after another, as jobs ask for it."""

    def __init__(self, work: Work, rules: Rules) -> None:
        self._work = work
        self._rules = rules

    async def learn(self, job: Job) -> Rest:
        """Bring the model of a workspace to what is known now."""
        while await self._write(job, _take_in_changes, self._rules):
            pass
        stale = await self._read(job, _stale)
        for at in range(0, len(stale), _AT_ONCE):
            await self._write(job, _pack, stale[at : at + _AT_ONCE], self._rules)
        lesson = await self._read(job, _gather)
        if not lesson.is_known:
            # On a thread: numpy lets go of the interpreter while it calculates.
            model, summary = await asyncio.to_thread(_learn, lesson, self._rules)
            await self._write(job, _write_down, lesson, model, summary)
        return Rest(job.asked, _morning_of(lesson.due_on))

    async def _read(self, job: Job, look: Callable[[Reading, Rules], Found]) -> Found:
        unit = self._work.reading(steward(job.workspace_id), look, self._rules)
        return await self._work.read(unit)

    async def _write(self, job: Job, change: Any, *args: Any) -> Any:  # noqa: ANN401 - as given
        def unit(work: Writing) -> Any:  # noqa: ANN401 - as given
            renew(work.connection, job, work.now + AT_IT)
            return change(work, *args)

        return await self._work.write(self._work.writing(steward(job.workspace_id), NONE, unit))


# --- what has changed -------------------------------------------------------


def _take_in_changes(work: Writing, rules: Rules) -> bool:
    """Pack the cases that something has happened to; return whether there may be more."""
    model = work.find(WHOLE_MODEL)
    if model is None:
        return begin(work)
    if model.place == _BEGINNING:
        return _take_in_all(work, model, rules)
    changes: Sequence[Any] = work.all(CHANGES_AFTER, after=model.place, limit=_AT_ONCE)
    if not changes:
        return False
    touched = {change.payload.get("application") for change in changes} - {None}
    _pack(work, touched, rules)
    work.update(ModelRow, model, place=changes[-1].position)
    return len(changes) == _AT_ONCE


def begin(work: Writing) -> bool:
    """Begin with all applications there are: their events may be forgotten by now."""
    position: Any = work.all(LAST_POSITION)[0]
    beginning = {"after": lowest("app"), "place": position.position}
    work.add(ModelRow, place=_BEGINNING, belief=beginning, training="", is_shared=False)
    return True


def _take_in_all(work: Writing, model: ModelRow, rules: Rules) -> bool:
    """Pack the next of all applications; what happens meanwhile is looked at afterwards."""
    rows = work.all(APPLICATIONS_AFTER, after=model.belief["after"], limit=_AT_ONCE)
    if rows:
        _pack(work, {row.id for row in rows}, rules)
        work.update(ModelRow, model, belief=model.belief | {"after": rows[-1].id})
    else:
        work.update(ModelRow, model, place=model.belief["place"], belief={})
    return True


def _stale(work: Reading, rules: Rules) -> list[ApplicationId]:
    """Return the applications that teach something else now, because time has passed."""
    today = work.now.date()
    return [
        row.application_id for row in work.all(CASES) if _is_stale(row, _label(row, today, rules))
    ]


def _is_stale(row: CaseRow, label: Label | None) -> bool:
    if row.packed is None or label is None:
        return (row.packed is None) is not (label is None)
    outcome = Outcome(row.packed)
    told = (label.offered, label.known_on)
    return not outcome.is_current or (outcome.offered, outcome.known_on) != told


def _pack(work: Writing, applications: Iterable[str], rules: Rules) -> None:
    """Write down what these applications teach now."""
    named = {"applications": list(applications)}
    if not named["applications"]:
        return
    held: dict[str, list[Any]] = {}
    evidence: Sequence[Any] = work.all(EVIDENCE_OF, **named)
    for row in evidence:
        held.setdefault(row.application_id, []).append(row)
    known = {row.application_id: row for row in work.all(CASES_OF, **named)}
    endings: Sequence[Any] = work.all(ENDINGS_OF, **named)
    new = []
    for ending in endings:
        rows = held.get(ending.id, [])
        before = known.get(ending.id)
        columns = _columns(work, ending, rows, before, rules)
        if before is None:
            new.append(
                {"candidate_id": ending.candidate_id, "application_id": ending.id, **columns}
            )
        else:
            work.update(CaseRow, before, **columns)
    work.add_all(CaseRow, new)


def _columns(
    work: Writing,
    ending: Any,  # noqa: ANN401 - a row of an application
    rows: Sequence[Any],
    before: CaseRow | None,
    rules: Rules,
) -> dict[str, Any]:
    standing = [row for row in rows if row.state != InterviewState.CANCELLED]
    columns = {
        "result": None if ending.status == Status.ACTIVE else ending.status,
        "known_on": ending.outcome_known_on,
        "last_round_on": max((row.starts_at.date() for row in standing), default=None),
    }
    case = case_from(rows, work.now)
    label = _label_from(columns, work.now.date(), rules) if case.interviews else None
    packed = None
    if label is not None:
        packed = outcome_of(case, offered=label.offered, known_on=label.known_on).packed
    foretold = before.foretold if before else None
    if label is not None and label.is_inferred and foretold is None:
        foretold = foretold_before(work, ending.id, _after(label.known_on))
    return columns | {"packed": packed, "foretold": foretold}


def _label(row: CaseRow, today: date, rules: Rules) -> Label | None:
    told = {"result": row.result, "known_on": row.known_on, "last_round_on": row.last_round_on}
    return _label_from(told, today, rules)


def _label_from(told: dict[str, Any], today: date, rules: Rules) -> Label | None:
    if told["last_round_on"] is None:
        return None  # without an interview nothing was foretold, and nothing is learnt
    return label_of(
        Result(told["result"]) if told["result"] else None,
        known_on=told["known_on"],
        last_round_on=told["last_round_on"],
        today=today,
        patience_days=rules.patience_days,
    )


def foretold_before(work: Reading, application_id: ApplicationId, before: datetime) -> float | None:
    """Return the probability that stood at an instant, if any was kept by then."""
    row = work.find(FORETOLD, application_id=application_id, before=before)
    return None if row is None else float(row.answer["probability"])


# --- what is learnt ---------------------------------------------------------


def _gather(work: Reading, rules: Rules) -> Lesson:
    model = work.find(WHOLE_MODEL)
    rows = work.all(CASES)
    outcomes = [Outcome(row.packed) for row in rows if row.packed is not None]
    is_shared = model is not None and model.is_shared
    others = _others(work) if is_shared else []
    training = digest(
        {
            "form": _FORM,
            "outcomes": sorted(each.name for each in outcomes),
            "others": sorted(each.name for each in others),
            "half_life": rules.half_life_days,
            "prior": ELICITED.version,
            "is_shared": is_shared,
        }
    )
    is_known = model is not None and model.training == training
    due_on = _next_change(rows, work.now.date(), rules)
    return Lesson(outcomes, others, is_shared, training, is_known, due_on)


def _next_change(rows: Sequence[CaseRow], today: date, rules: Rules) -> date | None:
    """Return the day on which a silence that is still open speaks; tomorrow while one has."""
    waiting = [row for row in rows if row.result in {None, Result.NO_RESPONSE}]
    patience = timedelta(days=rules.patience_days)
    days = [row.last_round_on + patience for row in waiting if row.last_round_on]
    return min((max(day, today + _SOON) for day in days), default=None)


def _learn(lesson: Lesson, rules: Rules) -> tuple[Posterior, Summary | None]:
    prior = pool(lesson.others)
    model = learn(lesson.outcomes, prior, half_life=rules.half_life_days)
    if not lesson.is_shared:
        return model, None
    return model, summarise(lesson.outcomes, half_life=rules.half_life_days)


def _write_down(work: Writing, lesson: Lesson, model: Posterior, summary: Summary | None) -> None:
    row = work.find(WHOLE_MODEL)
    if row is None or row.is_shared != lesson.is_shared:
        return  # changed meanwhile, and asked for again with that
    work.update(ModelRow, row, belief=as_plain(model), training=lesson.training)
    if lesson.is_shared:
        _share(work, summary)


def _morning_of(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)


def _after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)


# --- what is shared ---------------------------------------------------------

_summaries = SharedSummaryRow.table()


def join_in(work: Writing) -> None:
    """Begin to share: with nothing, until something is learnt."""
    told = {"workspace_id": work.caller.workspace_id, "name": None, "summary": None}
    work.connection.execute(insert(_summaries).values(**told))


def leave(work: Writing) -> None:
    """Share nothing any more; whoever has learnt from it learns again without."""
    work.connection.execute(delete(_summaries).where(_own(work)))
    _tell_others(work)


def _share(work: Writing, summary: Summary | None) -> None:
    """Let the others have this summary, or none; they learn again when it is another one."""
    before = work.connection.execute(select(_summaries.c.name).where(_own(work))).scalar_one()
    name = summary.name if summary else None
    if before != name:
        told = {"name": name, "summary": _plain(summary) if summary else None}
        work.connection.execute(update(_summaries).where(_own(work)).values(**told))
        _tell_others(work)


def _tell_others(work: Writing) -> None:
    sharing = work.connection.execute(select(_summaries.c.workspace_id)).scalars()
    for other in sorted(sharing):
        if other != work.caller.workspace_id:
            ask(work.connection, other, LEARN, work.now)


def _others(work: Reading) -> list[Summary]:
    rows = work.connection.execute(
        select(_summaries.c.summary).where(~_own(work), _summaries.c.name.is_not(None))
    )
    return [_summary(row.summary) for row in rows]


def _own(work: Reading) -> ColumnElement[bool]:
    return _summaries.c.workspace_id == work.caller.workspace_id


def _plain(summary: Summary) -> dict[str, Any]:
    return {
        "information": [list(row) for row in summary.information],
        "vector": list(summary.vector),
        "outcomes": summary.outcomes,
    }


def _summary(plain: dict[str, Any]) -> Summary:
    return Summary(
        tuple(map(tuple, plain["information"])), tuple(plain["vector"]), plain["outcomes"]
    )
