"""Training cases: label and evidence of each application, rebuilt after each of its events.

The worker reads the events after the position of the model. For a workspace without a model it
starts with all applications (backfill).
"""

from collections.abc import Collection, Sequence
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
    LAST_ESTIMATE_UNTIL,
    MODEL,
    CaseRecord,
    EndingRecord,
    EvidenceOfApplication,
    ModelRecord,
)
from app.kit.clock import start_of_day_utc
from app.kit.ids import ApplicationId, min_id
from app.scoring import Label, Outcome, Result, label_of, outcome_of
from app.tracking.applications.lifecycle import Status
from app.tracking.interviews.lifecycle import InterviewState

_BATCH_SIZE = 200
_IN_BACKFILL = -1  # the event position of a model whose backfill is not complete


@dataclass(frozen=True, slots=True)
class LabelingRules:
    """Days after which a missing answer counts as no offer, and half-life of outcomes."""

    patience_days: int
    half_life_days: float | None


@dataclass(frozen=True, slots=True)
class _Ending:
    """The result of an application and the dates on which its label depends."""

    result: Result | None
    known_on: date | None
    last_round_on: date | None

    def label(self, today: date, rules: LabelingRules) -> Label | None:
        """Return the label; None without an interview, because there was no forecast either."""
        if self.last_round_on is None:
            return None
        return label_of(
            self.result,
            known_on=self.known_on,
            last_round_on=self.last_round_on,
            today=today,
            patience_days=rules.patience_days,
        )


def ingest_events(session: WriteSession, rules: LabelingRules) -> LabelingRules | None:
    """Rebuild the cases of some new events; return the rules again while there may be more."""
    model = session.one_or_none(MODEL)
    if model is None:
        start_backfill(session)
        return rules
    if model.event_position == _IN_BACKFILL:
        _backfill(session, model, rules)
        return rules
    events = session.all(EVENTS_AFTER, after=model.event_position, limit=_BATCH_SIZE)
    if not events:
        return None
    applications = {
        application for event in events if (application := event.payload.get("application"))
    }
    _rebuild(session, applications, rules)
    session.update(ModelRow, model, event_position=events[-1].position)
    return rules if len(events) == _BATCH_SIZE else None


def start_backfill(session: WriteSession) -> None:
    """Create a model that has to read all applications: older events may be purged."""
    (latest,) = session.all(LATEST_POSITION)
    progress = {"after": min_id("app"), "event_position": latest.position}
    session.add(
        ModelRow, event_position=_IN_BACKFILL, posterior=progress, training="", is_shared=False
    )


def find_stale(session: ReadSession, rules: LabelingRules) -> list[ApplicationId]:
    """Return the applications whose label or case changed only because time has passed."""
    today = session.now.date()
    return [
        row.application_id
        for row in session.all(CASES)
        if _is_stale(row, _ending_of(row).label(today, rules))
        or (is_ahead(row, row.updated_at.date()) and not is_ahead(row, today))
    ]


def is_ahead(row: CaseRecord, day: date) -> bool:
    """Whether the last interview may not have been held by this day, and will change the case."""
    return row.last_round_on is not None and row.last_round_on >= day


def rebuild_cases(
    session: WriteSession, applications: Sequence[ApplicationId], rules: LabelingRules
) -> Sequence[ApplicationId] | None:
    """Rebuild the cases of some of these applications; return the others, None when done."""
    _rebuild(session, applications[:_BATCH_SIZE], rules)
    return applications[_BATCH_SIZE:] or None


def _backfill(session: WriteSession, model: ModelRecord, rules: LabelingRules) -> None:
    """Rebuild the next cases of all; events that occur meanwhile are read afterwards."""
    progress = model.posterior
    rows = session.all(APPLICATIONS_AFTER, after=progress["after"], limit=_BATCH_SIZE)
    if rows:
        _rebuild(session, [row.id for row in rows], rules)
        session.update(ModelRow, model, posterior=progress | {"after": rows[-1].id})
    else:
        position = progress["event_position"]
        session.update(ModelRow, model, event_position=position, posterior={})


def _is_stale(row: CaseRecord, label: Label | None) -> bool:
    if row.encoded is None or label is None:
        return (row.encoded is None) is not (label is None)
    outcome = Outcome(row.encoded)
    labelled = (label.offered, label.known_on)
    return not outcome.is_current or (outcome.offered, outcome.known_on) != labelled


def _rebuild(
    session: WriteSession, applications: Collection[ApplicationId], rules: LabelingRules
) -> None:
    if not applications:
        return
    params = {"applications": list(applications)}
    evidence: dict[ApplicationId, list[EvidenceOfApplication]] = {}
    for interview in session.all(EVIDENCE_OF, **params):
        evidence.setdefault(interview.application_id, []).append(interview)
    stored = {case.application_id: case for case in session.all(CASES_OF, **params)}
    new = []
    for ending in session.all(ENDINGS_OF, **params):
        case = stored.get(ending.id)
        columns = _columns(session, ending, evidence.get(ending.id, []), case, rules)
        if case is None:
            about = {"candidate_id": ending.candidate_id, "application_id": ending.id}
            new.append(about | columns)
        else:
            # Forced, because `updated_at` is the time of the last rebuild.
            session.force_update(CaseRow, case, **columns)
    session.add_all(CaseRow, new)


def _columns(
    session: WriteSession,
    application: EndingRecord,
    interviews: Sequence[EvidenceOfApplication],
    before: CaseRecord | None,
    rules: LabelingRules,
) -> dict[str, Any]:
    not_cancelled = [row for row in interviews if row.state is not InterviewState.CANCELLED]
    has_ended = application.status is not Status.ACTIVE
    last_round_on = max((row.starts_at.date() for row in not_cancelled), default=None)
    ending = _Ending(
        Result(application.status) if has_ended else None,
        application.outcome_known_on,
        last_round_on,
    )
    case = case_from(interviews, session.now)
    label = ending.label(session.now.date(), rules) if case.interviews else None
    known_at = before.known_at if before else None
    if known_at is None and has_ended:
        known_at = application.created_at  # it was imported with its outcome
    encoded = forecast = None
    if label is not None and last_round_on is not None:
        encoded = outcome_of(case, offered=label.offered, known_on=label.known_on).encoded
        # An application that was imported with its outcome has no estimate from before it.
        if known_at != application.created_at:
            inferred_at = start_of_day_utc(last_round_on + timedelta(days=rules.patience_days))
            until = inferred_at if known_at is None else min(known_at, inferred_at)
            forecast = _forecast(session, application.id, until)
    return {
        "result": ending.result,
        "known_on": ending.known_on,
        "last_round_on": ending.last_round_on,
        "encoded": encoded,
        "known_at": known_at,
        "forecast": forecast,
    }


def _forecast(session: ReadSession, application_id: ApplicationId, until: datetime) -> float | None:
    """Return the last probability that was stored until an instant, if there is one.

    The instant is when the outcome became known, or when the missing answer began to count: after
    it the model may have been trained on the case. It does not depend on when the worker runs.
    """
    row = session.one_or_none(LAST_ESTIMATE_UNTIL, application_id=application_id, until=until)
    return None if row is None else float(row.answer["probability"])


def _ending_of(row: CaseRecord) -> _Ending:
    return _Ending(row.result, row.known_on, row.last_round_on)
