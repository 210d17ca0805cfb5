"""What each application teaches, packed anew whenever something has happened to it.

The worker reads the events after the last one that it looked at; a workspace that it looks at
for the first time, all its applications.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.core.messaging.outbox import EVENTS_AFTER, LATEST_POSITION
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.guidance.estimates.case_builder import case_from
from app.guidance.estimates.models import CaseRow, ModelRow
from app.guidance.estimates.repository import (
    APPLICATIONS_AFTER,
    CASES,
    CASES_OF,
    ENDINGS_OF,
    EVIDENCE_OF,
    FORETOLD,
    WHOLE_MODEL,
)
from app.kit.clock import start_of_day_utc
from app.kit.ids import ApplicationId, min_id
from app.scoring import Label, Outcome, Result, label_of, outcome_of
from app.tracking.applications.lifecycle import Status
from app.tracking.interviews.lifecycle import InterviewState

AT_ONCE = 200
"""How many cases are packed in one transaction."""

_BEGINNING = -1  # the place of a model that has not looked at all applications yet


@dataclass(frozen=True, slots=True)
class LabelingRules:
    """How silence is read, and whether what is long past counts for less."""

    patience_days: int
    half_life_days: float | None


def ingest_events(work: WriteSession, rules: LabelingRules) -> bool:
    """Pack the cases that something has happened to; return whether there may be more."""
    model = work.one_or_none(WHOLE_MODEL)
    if model is None:
        return start_backfill(work)
    if model.place == _BEGINNING:
        return _take_in_all(work, model, rules)
    changes: Sequence[Any] = work.all(EVENTS_AFTER, after=model.place, limit=AT_ONCE)
    if not changes:
        return False
    touched = {change.payload.get("application") for change in changes} - {None}
    rebuild_cases(work, touched, rules)
    work.update(ModelRow, model, place=changes[-1].position)
    return len(changes) == AT_ONCE


def start_backfill(work: WriteSession) -> bool:
    """Begin with all applications there are: their events may be forgotten by now."""
    (last,) = work.all(LATEST_POSITION)
    beginning = {"after": min_id("app"), "place": last.position}
    work.add(ModelRow, place=_BEGINNING, belief=beginning, training="", is_shared=False)
    return True


def _take_in_all(work: WriteSession, model: ModelRow, rules: LabelingRules) -> bool:
    """Pack the next of all applications; what happens meanwhile is looked at afterwards."""
    rows = work.all(APPLICATIONS_AFTER, after=model.belief["after"], limit=AT_ONCE)
    if rows:
        rebuild_cases(work, {row.id for row in rows}, rules)
        work.update(ModelRow, model, belief=model.belief | {"after": rows[-1].id})
    else:
        work.update(ModelRow, model, place=model.belief["place"], belief={})
    return True


def find_stale(work: ReadSession, rules: LabelingRules) -> list[ApplicationId]:
    """Return the applications that teach something else now, because time has passed."""
    today = work.now.date()
    return [
        row.application_id
        for row in work.all(CASES)
        if _is_stale(row, _label(row, today, rules))
        or (is_ahead(row, row.updated_at.date()) and not is_ahead(row, today))
    ]


def is_ahead(row: CaseRow, day: date) -> bool:
    """Tell whether the last interview may not have been held on this day: it will change a case."""
    return row.last_round_on is not None and row.last_round_on >= day


def _is_stale(row: CaseRow, label: Label | None) -> bool:
    if row.packed is None or label is None:
        return (row.packed is None) is not (label is None)
    outcome = Outcome(row.packed)
    told = (label.offered, label.known_on)
    return not outcome.is_current or (outcome.offered, outcome.known_on) != told


def rebuild_cases(work: WriteSession, applications: Iterable[str], rules: LabelingRules) -> None:
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
            work.force_update(
                CaseRow, before, **columns
            )  # it tells when it was last looked at, too
    work.add_all(CaseRow, new)


def _columns(
    work: WriteSession,
    ending: Any,  # noqa: ANN401 - a row of an application
    rows: Sequence[Any],
    before: CaseRow | None,
    rules: LabelingRules,
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
    known_at = before.known_at if before else None
    if known_at is None and ending.status != Status.ACTIVE:
        known_at = ending.created_at  # it was imported with its outcome
    columns |= {"packed": packed, "known_at": known_at, "foretold": None}
    # What was imported with its outcome has no estimate from before: thousands need no look-up.
    if label is not None and known_at != ending.created_at:
        silent_from = start_of_day_utc(
            columns["last_round_on"] + timedelta(days=rules.patience_days)
        )
        until = silent_from if known_at is None else min(known_at, silent_from)
        columns["foretold"] = _foretold(work, ending.id, until)
    return columns


def _foretold(work: ReadSession, application_id: ApplicationId, until: datetime) -> float | None:
    """Return the probability that stood until an instant, if any was kept by then.

    That is until the outcome was known, or its silence spoke: from then on the model may have
    seen it. It follows from what is on record; when the worker looked is of no account.
    """
    row = work.one_or_none(FORETOLD, application_id=application_id, until=until)
    return None if row is None else float(row.answer["probability"])


def _label(row: CaseRow, today: date, rules: LabelingRules) -> Label | None:
    told = {"result": row.result, "known_on": row.known_on, "last_round_on": row.last_round_on}
    return _label_from(told, today, rules)


def _label_from(told: dict[str, Any], today: date, rules: LabelingRules) -> Label | None:
    if told["last_round_on"] is None:
        return None  # without an interview nothing was foretold, and nothing is learnt
    return label_of(
        Result(told["result"]) if told["result"] else None,
        known_on=told["known_on"],
        last_round_on=told["last_round_on"],
        today=today,
        patience_days=rules.patience_days,
    )
