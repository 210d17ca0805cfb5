"""Estimate an application's outcome from what was observed in its interviews.

The estimate shown is always worked out from what is recorded now, so it is
never stale. Whenever that changes, the estimate of the moment is also kept,
with its inputs, and never changed again: the history is what was believed then.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from app.core.http.pagination import fetch_page
from app.core.http.representations import Versioned, etag_of
from app.core.http.schemas import Page
from app.core.persistence.tenancy import Role
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
    NEWEST_ESTIMATE,
    WHOLE_MODEL,
)
from app.guidance.estimates.schemas import (
    Calibration,
    Development,
    Estimate,
    EstimateMade,
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
from app.tracking.applications.models import ApplicationRow

_MOST_ESTIMATES = 500  # that a development shows


def show(work: ReadSession, application_id: ApplicationId) -> Estimate:
    """Estimate an application from what is recorded now."""
    is_closed = applications.get_summary(work, application_id).status != Status.ACTIVE
    case = case_of(work, application_id)
    made = estimate(case, current_posterior(work))
    changed = change_of(case, made) if made.outcomes_learnt_from else None
    return presenters.estimate(made, changed, is_closed=is_closed)


def estimate_svg(work: ReadSession, application_id: ApplicationId) -> str:
    """Show an estimate as a picture: what spoke for an offer, and what against."""
    is_closed = applications.get_summary(work, application_id).status != Status.ACTIVE
    made = estimate(case_of(work, application_id), current_posterior(work))
    return charts.contributions(made, is_closed=is_closed)


def history(
    work: ReadSession, application_id: ApplicationId, limit: int, cursor: str | None
) -> Page[EstimateMade]:
    """Show the estimates that were made of an application, newest first."""
    applications.get_summary(work, application_id)
    return fetch_page(
        work,
        ESTIMATES,
        _present_all,
        filters={"application_id": application_id},
        limit=limit,
        cursor=cursor,
    )


def simulate(work: ReadSession, wanted: WhatIf) -> Estimate | Estimates:
    """Estimate a case, or many, that nobody has recorded; nothing is stored."""
    posterior = current_posterior(work)
    if "cases" in wanted.model_fields_set:
        return Estimates([_imagined(case.interviews, posterior) for case in wanted.cases])
    return _imagined(wanted.interviews, posterior)


def snapshot(work: WriteSession, application_id: ApplicationId, cause: str) -> None:
    """Keep the estimate of this moment, unless it rests on the same inputs as the last one."""
    application = applications.get_summary(work, application_id)
    is_closed = application.status != Status.ACTIVE
    known = work.one_or_none(CASE_OF, application_id=application_id)
    if is_closed or (known is not None and known.packed is not None):
        work.enqueue(TRAIN)  # of one without an answer its silence may have been learnt
    case = case_of(work, application_id)
    made = estimate(case, current_posterior(work))
    last = work.one_or_none(NEWEST_ESTIMATE, application_id=application_id)
    if last and (last.inputs_digest, last.model_version) == (
        made.inputs_digest,
        made.model_version,
    ):
        return
    work.add(
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
    work.publish(EstimateUpdated(application.candidate_id, application_id, made.band.value))


def invalidate_case(work: WriteSession, application_id: ApplicationId) -> None:
    """Have the worker pack a case again that it has learnt from."""
    known = work.one_or_none(CASE_OF, application_id=application_id)
    if known is not None and known.packed is not None:
        work.update(CaseRow, known, packed=None)
        work.enqueue(TRAIN)


def case_of(work: ReadSession, application_id: ApplicationId) -> Case:
    """Return what is recorded of an application as the scoring takes it."""
    return case_from(work.all(EVIDENCE, application_id=application_id), work.now)


def model_card(work: ReadSession) -> Versioned[ModelCard]:
    """Describe the model that estimates in this workspace."""
    model = work.one_or_none(WHOLE_MODEL)
    card = presenters.model_card(
        current_posterior(work), is_shared=model is not None and model.is_shared
    )
    return Versioned(card, etag_of(model.version if model else 0))


def calibration(work: ReadSession) -> Calibration:
    """Hold what was foretold in this workspace against what happened."""
    forecasts = _forecasts(work)
    return presenters.calibration(calibration_of(forecasts), len(forecasts))


def calibration_svg(work: ReadSession) -> str:
    """Show the same as a picture."""
    forecasts = _forecasts(work)
    return charts.reliability(calibration_of(forecasts), len(forecasts))


def set_sharing(work: WriteSession, wanted: Sharing) -> Versioned[Sharing]:
    """Say whether the sums of this workspace's cases go to other workspaces, and theirs come here.

    Whoever stops is forgotten by the others at once; what they learn from then on is without.
    """
    row = work.one_or_none(WHOLE_MODEL)
    if row is None:
        start_backfill(work)
        row = work.one_or_none(WHOLE_MODEL)
    assert row is not None  # noqa: S101 - it was just made
    work.check_precondition(etag_of(row.version))
    if row.is_shared != wanted.is_shared:
        work.update(ModelRow, row, is_shared=wanted.is_shared)
        (start_sharing if wanted.is_shared else stop_sharing)(work)
        work.enqueue(TRAIN)
    return show_sharing(work)


def show_sharing(work: ReadSession) -> Versioned[Sharing]:
    """Tell whether this workspace shares."""
    row = work.one_or_none(WHOLE_MODEL)
    return Versioned(
        Sharing(is_shared=row is not None and row.is_shared), etag_of(row.version if row else 0)
    )


def development(work: ReadSession, application_id: ApplicationId) -> Development:
    """Show how signals and estimates went from interview to interview."""
    applications.get_summary(work, application_id)
    held = case_of(work, application_id).interviews
    rows: Sequence[Any] = work.all(
        ALL_ESTIMATES, application_id=application_id, limit=_MOST_ESTIMATES
    )
    return presenters.development(application_id, held, rows)


def freeze_forecast(work: WriteSession, application_id: ApplicationId, known_on: date) -> None:
    """Count what was foretold until an outcome first became known, and nothing later.

    A day is all that is known of when that was: what was believed on that day counts, until now.
    """
    known_at = min(work.now, start_of_day_utc(known_on + timedelta(days=1)))
    _freeze(work, applications.get_summary(work, application_id), known_at)


def exclude_from_calibration(work: WriteSession, application_id: ApplicationId) -> None:
    """Count nothing as foretold of a case that came with its outcome."""
    application = applications.get_summary(work, application_id)
    _freeze(work, application, application.created_at)


def _freeze(work: WriteSession, application: ApplicationRow, known_at: datetime) -> None:
    known = work.one_or_none(CASE_OF, application_id=application.id)
    if known is None:
        work.add(
            CaseRow,
            candidate_id=application.candidate_id,
            application_id=application.id,
            known_at=known_at,
            **dict.fromkeys(("result", "known_on", "last_round_on", "packed", "foretold")),
        )
    elif known.known_at is None:
        work.update(CaseRow, known, known_at=known_at)


def _forecasts(work: ReadSession) -> list[Forecast]:
    return [
        Forecast(row.foretold, Outcome(row.packed).offered)
        for row in _as_service(work).all(CASES)
        if row.foretold is not None and row.packed is not None
    ]


def _as_service(work: ReadSession) -> ReadSession:
    """Return the eyes that see all cases of a workspace: only sums of them are shown."""
    return replace(work, caller=replace(work.caller, role=Role.SERVICE))


def _imagined(interviews: Sequence[WhatIfInterview], posterior: Posterior) -> Estimate:
    case = Case(
        tuple(
            Interview(str(place), interview.round, interview.signals.observed())
            for place, interview in enumerate(interviews, start=1)
        )
    )
    return presenters.estimate(estimate(case, posterior))


def _present_all(rows: Sequence[EstimateRow]) -> list[EstimateMade]:
    return [presenters.made(row) for row in rows]
