"""Estimate an application's outcome from what was observed in its interviews.

The estimate shown is always worked out from what is recorded now, so it is
never stale. Whenever that changes, the estimate of the moment is also kept,
with its inputs, and never changed again: the history is what was believed then.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from app.core.http.pagination import fetch_page
from app.core.http.representations import ResourcePage, Versioned
from app.core.unit_of_work.preconditions import etag_of
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.guidance.estimates import charts, presenters
from app.guidance.estimates.case_builder import case_from
from app.guidance.estimates.events import EstimateUpdated
from app.guidance.estimates.model_cache import current_posterior
from app.guidance.estimates.model_sharing import TRAIN, start_sharing, stop_sharing
from app.guidance.estimates.models import CaseRow, EstimateRow, ModelRow
from app.guidance.estimates.repository import (
    ALL_ESTIMATES,
    CASE_OF,
    CASES,
    ESTIMATES,
    MODEL,
    NEWEST_ESTIMATE,
    EstimateRecord,
)
from app.guidance.estimates.schemas import (
    Calibration,
    Development,
    Estimate,
    Estimates,
    ModelCard,
    Sharing,
    WhatIf,
    WhatIfInterview,
)
from app.guidance.estimates.training_cases import start_backfill
from app.kit.clock import start_of_day_utc
from app.kit.ids import ApplicationId
from app.reflection.debriefs.repository import EVIDENCE
from app.scoring import (
    Case,
    Forecast,
    Interview,
    Outcome,
    Posterior,
    calibration_of,
    change_of,
    estimate,
)
from app.tracking.applications import service as applications
from app.tracking.applications.lifecycle import Status
from app.tracking.applications.repository import ApplicationSummary

_MAX_ESTIMATES = 500  # of one development


def show(session: ReadSession, application_id: ApplicationId) -> Estimate:
    """Estimate an application from what is recorded now."""
    is_closed = applications.get_summary(session, application_id).status != Status.ACTIVE
    case = case_of(session, application_id)
    made = estimate(case, current_posterior(session))
    changed = change_of(case, made) if made.outcomes_learnt_from else None
    return presenters.estimate(made, changed, is_closed=is_closed)


def estimate_svg(session: ReadSession, application_id: ApplicationId) -> str:
    """Show an estimate as a picture: what spoke for an offer, and what against."""
    is_closed = applications.get_summary(session, application_id).status != Status.ACTIVE
    made = estimate(case_of(session, application_id), current_posterior(session))
    return charts.contributions(made, is_closed=is_closed)


def history(
    session: ReadSession, application_id: ApplicationId, limit: int, cursor: str | None
) -> ResourcePage[EstimateRecord]:
    """Show the estimates that were made of an application, newest first."""
    applications.get_summary(session, application_id)
    return fetch_page(
        session,
        ESTIMATES,
        presenters.ESTIMATE_OF_HISTORY,
        filters={"application_id": application_id},
        limit=limit,
        cursor=cursor,
    )


def simulate(session: ReadSession, body: WhatIf) -> Estimate | Estimates:
    """Estimate a case, or many, that nobody has recorded; nothing is stored."""
    posterior = current_posterior(session)
    if "cases" in body.model_fields_set:
        return Estimates([_imagined(case.interviews, posterior) for case in body.cases])
    return _imagined(body.interviews, posterior)


def snapshot(session: WriteSession, application_id: ApplicationId, cause: str) -> None:
    """Keep the estimate of this moment, unless it rests on the same inputs as the last one."""
    application = applications.get_summary(session, application_id)
    is_closed = application.status != Status.ACTIVE
    known = session.one_or_none(CASE_OF, application_id=application_id)
    if is_closed or (known is not None and known.encoded is not None):
        session.enqueue(TRAIN)  # of one without an answer its silence may have been learnt
    case = case_of(session, application_id)
    made = estimate(case, current_posterior(session))
    last = session.one_or_none(NEWEST_ESTIMATE, application_id=application_id)
    if last and (last.inputs_digest, last.model_version) == (
        made.inputs_digest,
        made.model_version,
    ):
        return
    session.add(
        EstimateRow,
        candidate_id=application.candidate_id,
        application_id=application_id,
        cause=cause,
        model_version=made.model_version,
        inputs_digest=made.inputs_digest,
        inputs=presenters.inputs(case),
        answer=presenters.estimate(made, is_closed=is_closed).model_dump(
            mode="json", by_alias=True
        ),
    )
    session.publish(EstimateUpdated(application.candidate_id, application_id, made.band.value))


def invalidate_case(session: WriteSession, application_id: ApplicationId) -> None:
    """Have the worker pack a case again that it has learnt from."""
    known = session.one_or_none(CASE_OF, application_id=application_id)
    if known is not None and known.encoded is not None:
        session.update(CaseRow, known, encoded=None)
        session.enqueue(TRAIN)


def case_of(session: ReadSession, application_id: ApplicationId) -> Case:
    """Return what is recorded of an application as the scoring takes it."""
    interviews = session.all(EVIDENCE, application_id=application_id)
    return case_from(interviews, session.now)


def model_card(session: ReadSession) -> Versioned[ModelCard]:
    """Describe the model that estimates in this workspace."""
    model = session.one_or_none(MODEL)
    card = presenters.model_card(
        current_posterior(session), is_shared=model is not None and model.is_shared
    )
    return Versioned(card, etag_of(model.version if model else 0))


def calibration(session: ReadSession) -> Calibration:
    """Hold what was foretold in this workspace against what happened."""
    forecasts = _forecasts(session)
    return presenters.calibration(calibration_of(forecasts), len(forecasts))


def calibration_svg(session: ReadSession) -> str:
    """Show the same as a picture."""
    forecasts = _forecasts(session)
    return charts.reliability(calibration_of(forecasts), len(forecasts))


def set_sharing(session: WriteSession, wanted: Sharing) -> Versioned[Sharing]:
    """Say whether the sums of this workspace's cases go to other workspaces, and theirs come here.

    Whoever stops is forgotten by the others at once; what they learn from then on is without.
    """
    row = session.one_or_none(MODEL)
    if row is None:
        start_backfill(session)
        row = session.one_or_none(MODEL)
    assert row is not None  # noqa: S101 - it was just made
    session.check_precondition(etag_of(row.version))
    if row.is_shared != wanted.is_shared:
        session.update(ModelRow, row, is_shared=wanted.is_shared)
        (start_sharing if wanted.is_shared else stop_sharing)(session)
        session.enqueue(TRAIN)
    return show_sharing(session)


def show_sharing(session: ReadSession) -> Versioned[Sharing]:
    """Tell whether this workspace shares."""
    row = session.one_or_none(MODEL)
    return Versioned(
        Sharing(is_shared=row is not None and row.is_shared), etag_of(row.version if row else 0)
    )


def development(session: ReadSession, application_id: ApplicationId) -> Development:
    """Show how signals and estimates went from interview to interview."""
    applications.get_summary(session, application_id)
    held = case_of(session, application_id).interviews
    rows = session.all(ALL_ESTIMATES, application_id=application_id, limit=_MAX_ESTIMATES)
    return presenters.development(application_id, held, rows)


def freeze_forecast(session: WriteSession, application_id: ApplicationId, known_on: date) -> None:
    """Count what was foretold until an outcome first became known, and nothing later.

    A day is all that is known of when that was: what was believed on that day counts, until now.
    """
    known_at = min(session.now, start_of_day_utc(known_on + timedelta(days=1)))
    _freeze(session, applications.get_summary(session, application_id), known_at)


def exclude_from_calibration(session: WriteSession, application_id: ApplicationId) -> None:
    """Count nothing as foretold of a case that came with its outcome."""
    application = applications.get_summary(session, application_id)
    _freeze(session, application, application.created_at)


def _freeze(session: WriteSession, application: ApplicationSummary, known_at: datetime) -> None:
    known = session.one_or_none(CASE_OF, application_id=application.id)
    if known is None:
        session.add(
            CaseRow,
            candidate_id=application.candidate_id,
            application_id=application.id,
            known_at=known_at,
            **dict.fromkeys(("result", "known_on", "last_round_on", "encoded", "forecast")),
        )
    elif known.known_at is None:
        session.update(CaseRow, known, known_at=known_at)


def _forecasts(session: ReadSession) -> list[Forecast]:
    return [
        Forecast(row.forecast, Outcome(row.encoded).offered)
        for row in session.as_system().all(CASES)
        if row.forecast is not None and row.encoded is not None
    ]


def _imagined(interviews: Sequence[WhatIfInterview], posterior: Posterior) -> Estimate:
    case = Case(
        tuple(
            Interview(str(place), interview.round, interview.signals.observed())
            for place, interview in enumerate(interviews, start=1)
        )
    )
    return presenters.estimate(estimate(case, posterior))
