"""Service of estimates: estimates the outcome of an application from its recorded signals.

An estimate is computed from the current records on each request, so that it is never stale. When
the evidence changes, the estimate is also stored with its inputs. Stored estimates are never
changed.
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
from app.guidance.estimates.job_kinds import TRAIN
from app.guidance.estimates.model_cache import current_posterior
from app.guidance.estimates.model_sharing import start_sharing, stop_sharing
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
    SimulatedInterview,
    SimulationCreate,
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
    """Estimate an application from its current records."""
    is_closed = applications.get_summary(session, application_id).status != Status.ACTIVE
    case = case_of(session, application_id)
    result = estimate(case, current_posterior(session))
    change = change_of(case, result) if result.outcomes_learnt_from else None
    return presenters.estimate(result, change, is_closed=is_closed)


def estimate_svg(session: ReadSession, application_id: ApplicationId) -> str:
    """Return the bar chart of an estimate as SVG."""
    is_closed = applications.get_summary(session, application_id).status != Status.ACTIVE
    result = estimate(case_of(session, application_id), current_posterior(session))
    return charts.contributions(result, is_closed=is_closed)


def history(
    session: ReadSession, application_id: ApplicationId, limit: int, cursor: str | None
) -> ResourcePage[EstimateRecord]:
    """Return the stored estimates of an application, newest first."""
    applications.get_summary(session, application_id)
    return fetch_page(
        session,
        ESTIMATES,
        presenters.ESTIMATE_OF_HISTORY,
        filters={"application_id": application_id},
        limit=limit,
        cursor=cursor,
    )


def simulate(session: ReadSession, body: SimulationCreate) -> Estimate | Estimates:
    """Estimate one or many hypothetical cases; nothing is stored."""
    posterior = current_posterior(session)
    if "cases" in body.model_fields_set:
        return Estimates([_simulated(case.interviews, posterior) for case in body.cases])
    return _simulated(body.interviews, posterior)


def snapshot(session: WriteSession, application_id: ApplicationId, cause: str) -> None:
    """Store the current estimate, unless its inputs are the same as those of the last one."""
    application = applications.get_summary(session, application_id)
    is_closed = application.status != Status.ACTIVE
    training_case = session.one_or_none(CASE_OF, application_id=application_id)
    if is_closed or (training_case is not None and training_case.encoded is not None):
        session.enqueue(TRAIN)  # an open application may have been learnt as unanswered
    case = case_of(session, application_id)
    result = estimate(case, current_posterior(session))
    last = session.one_or_none(NEWEST_ESTIMATE, application_id=application_id)
    if last and (last.inputs_digest, last.model_version) == (
        result.inputs_digest,
        result.model_version,
    ):
        return
    session.add(
        EstimateRow,
        candidate_id=application.candidate_id,
        application_id=application_id,
        cause=cause,
        model_version=result.model_version,
        inputs_digest=result.inputs_digest,
        inputs=presenters.inputs(case),
        answer=presenters.estimate(result, is_closed=is_closed).model_dump(
            mode="json", by_alias=True
        ),
    )
    session.publish(EstimateUpdated(application.candidate_id, application_id, result.band.value))


def invalidate_case(session: WriteSession, application_id: ApplicationId) -> None:
    """Make the worker rebuild a training case that the model was trained on."""
    training_case = session.one_or_none(CASE_OF, application_id=application_id)
    if training_case is not None and training_case.encoded is not None:
        session.update(CaseRow, training_case, encoded=None)
        session.enqueue(TRAIN)


def case_of(session: ReadSession, application_id: ApplicationId) -> Case:
    """Return the current records of an application as a case for the scoring."""
    interviews = session.all(EVIDENCE, application_id=application_id)
    return case_from(interviews, session.now)


def model_card(session: ReadSession) -> Versioned[ModelCard]:
    """Return the model card of the workspace."""
    model = session.one_or_none(MODEL)
    card = presenters.model_card(
        current_posterior(session), is_shared=model is not None and model.is_shared
    )
    return Versioned(card, etag_of(model.version if model else 0))


def calibration(session: ReadSession) -> Calibration:
    """Return the calibration of the workspace: its forecasts compared with the outcomes."""
    forecasts = _forecasts(session)
    return presenters.calibration(calibration_of(forecasts), len(forecasts))


def calibration_svg(session: ReadSession) -> str:
    """Return the reliability diagram of the workspace as SVG."""
    forecasts = _forecasts(session)
    return charts.reliability(calibration_of(forecasts), len(forecasts))


def set_sharing(session: WriteSession, body: Sharing) -> Versioned[Sharing]:
    """Start or stop the exchange of sums over cases with other workspaces.

    When sharing stops, the summary is deleted and the other workspaces are trained without it.
    """
    row = session.one_or_none(MODEL)
    if row is None:
        start_backfill(session)
        row = session.one_or_none(MODEL)
    assert row is not None  # noqa: S101 - it was just created
    session.check_precondition(etag_of(row.version))
    if row.is_shared != body.is_shared:
        session.update(ModelRow, row, is_shared=body.is_shared)
        (start_sharing if body.is_shared else stop_sharing)(session)
        session.enqueue(TRAIN)
    return show_sharing(session)


def show_sharing(session: ReadSession) -> Versioned[Sharing]:
    """Return whether this workspace shares."""
    row = session.one_or_none(MODEL)
    return Versioned(
        Sharing(is_shared=row is not None and row.is_shared), etag_of(row.version if row else 0)
    )


def development(session: ReadSession, application_id: ApplicationId) -> Development:
    """Return how signals and estimates developed from interview to interview."""
    applications.get_summary(session, application_id)
    interviews = case_of(session, application_id).interviews
    rows = session.all(ALL_ESTIMATES, application_id=application_id, limit=_MAX_ESTIMATES)
    return presenters.development(application_id, interviews, rows)


def freeze_forecast(session: WriteSession, application_id: ApplicationId, known_on: date) -> None:
    """Count only estimates from before the outcome first became known as forecasts.

    Only the date of that is known. Estimates of that day count, up to now.
    """
    known_at = min(session.now, start_of_day_utc(known_on + timedelta(days=1)))
    _freeze(session, applications.get_summary(session, application_id), known_at)


def exclude_from_calibration(session: WriteSession, application_id: ApplicationId) -> None:
    """Count no forecast of an application that was created with its outcome."""
    application = applications.get_summary(session, application_id)
    _freeze(session, application, application.created_at)


def _freeze(session: WriteSession, application: ApplicationSummary, known_at: datetime) -> None:
    case = session.one_or_none(CASE_OF, application_id=application.id)
    if case is None:
        session.add(
            CaseRow,
            candidate_id=application.candidate_id,
            application_id=application.id,
            known_at=known_at,
            **dict.fromkeys(("result", "known_on", "last_round_on", "encoded", "forecast")),
        )
    elif case.known_at is None:
        session.update(CaseRow, case, known_at=known_at)


def _forecasts(session: ReadSession) -> list[Forecast]:
    return [
        Forecast(row.forecast, Outcome(row.encoded).offered)
        for row in session.as_system().all(CASES)
        if row.forecast is not None and row.encoded is not None
    ]


def _simulated(interviews: Sequence[SimulatedInterview], posterior: Posterior) -> Estimate:
    case = Case(
        tuple(
            Interview(str(number), interview.round, interview.signals.observed())
            for number, interview in enumerate(interviews, start=1)
        )
    )
    return presenters.estimate(estimate(case, posterior))
