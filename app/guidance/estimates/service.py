"""Estimate an application's outcome from what was observed in its interviews.

The estimate shown is always worked out from what is recorded now, so it is
never stale. Whenever that changes, the estimate of the moment is also kept,
with its inputs, and never changed again: the history is what was believed then.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from app.core.http.pagination import page
from app.core.http.representations import Versioned, tag_of
from app.core.http.schemas import Page
from app.core.persistence.tenancy import Role
from app.core.unit_of_work.session import Reading, Writing
from app.guidance.estimates import charts, presenters
from app.guidance.estimates.case_builder import case_from
from app.guidance.estimates.events import EstimateUpdated
from app.guidance.estimates.model_cache import belief
from app.guidance.estimates.model_sharing import LEARN, join_in, leave
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
from app.guidance.estimates.training_cases import begin
from app.kit.clock import midnight
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


def show(work: Reading, application_id: ApplicationId) -> Estimate:
    """Estimate an application from what is recorded now."""
    is_closed = applications.standing(work, application_id).status != Status.ACTIVE
    case = case_of(work, application_id)
    made = estimate(case, belief(work))
    changed = change_of(case, made) if made.outcomes_learnt_from else None
    return presenters.estimate(made, changed, is_closed=is_closed)


def draw(work: Reading, application_id: ApplicationId) -> str:
    """Show an estimate as a picture: what spoke for an offer, and what against."""
    is_closed = applications.standing(work, application_id).status != Status.ACTIVE
    made = estimate(case_of(work, application_id), belief(work))
    return charts.contributions(made, is_closed=is_closed)


def history(
    work: Reading, application_id: ApplicationId, limit: int, cursor: str | None
) -> Page[EstimateMade]:
    """Show the estimates that were made of an application, newest first."""
    applications.standing(work, application_id)
    return page(
        work,
        ESTIMATES,
        _present_all,
        filters={"application_id": application_id},
        limit=limit,
        cursor=cursor,
    )


def imagine(work: Reading, wanted: WhatIf) -> Estimate | Estimates:
    """Estimate a case, or many, that nobody has recorded; nothing is stored."""
    posterior = belief(work)
    if "cases" in wanted.model_fields_set:
        return Estimates([_imagined(case.interviews, posterior) for case in wanted.cases])
    return _imagined(wanted.interviews, posterior)


def keep(work: Writing, application_id: ApplicationId, cause: str) -> None:
    """Keep the estimate of this moment, unless it rests on the same inputs as the last one."""
    application = applications.standing(work, application_id)
    is_closed = application.status != Status.ACTIVE
    known = work.find(CASE_OF, application_id=application_id)
    if is_closed or (known is not None and known.packed is not None):
        work.ask_for(LEARN)  # of one without an answer its silence may have been learnt
    case = case_of(work, application_id)
    made = estimate(case, belief(work))
    last = work.find(NEWEST_ESTIMATE, application_id=application_id)
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
    work.announce(EstimateUpdated(application.candidate_id, application_id, made.band.value))


def unpack(work: Writing, application_id: ApplicationId) -> None:
    """Have the worker pack a case again that it has learnt from."""
    known = work.find(CASE_OF, application_id=application_id)
    if known is not None and known.packed is not None:
        work.update(CaseRow, known, packed=None)
        work.ask_for(LEARN)


def case_of(work: Reading, application_id: ApplicationId) -> Case:
    """Return what is recorded of an application as the scoring takes it."""
    return case_from(work.all(EVIDENCE, application_id=application_id), work.now)


def model_card(work: Reading) -> Versioned[ModelCard]:
    """Describe the model that estimates in this workspace."""
    model = work.find(WHOLE_MODEL)
    card = presenters.model_card(belief(work), is_shared=model is not None and model.is_shared)
    return Versioned(card, tag_of(model.version if model else 0))


def calibration(work: Reading) -> Calibration:
    """Hold what was foretold in this workspace against what happened."""
    forecasts = _forecasts(work)
    return presenters.calibration(calibration_of(forecasts), len(forecasts))


def draw_calibration(work: Reading) -> str:
    """Show the same as a picture."""
    forecasts = _forecasts(work)
    return charts.reliability(calibration_of(forecasts), len(forecasts))


def set_sharing(work: Writing, wanted: Sharing) -> Versioned[Sharing]:
    """Say whether the sums of this workspace's cases go to other workspaces, and theirs come here.

    Whoever stops is forgotten by the others at once; what they learn from then on is without.
    """
    row = work.find(WHOLE_MODEL)
    if row is None:
        begin(work)
        row = work.find(WHOLE_MODEL)
    assert row is not None  # noqa: S101 - it was just made
    work.expect(tag_of(row.version))
    if row.is_shared != wanted.is_shared:
        work.update(ModelRow, row, is_shared=wanted.is_shared)
        (join_in if wanted.is_shared else leave)(work)
        work.ask_for(LEARN)
    return show_sharing(work)


def show_sharing(work: Reading) -> Versioned[Sharing]:
    """Tell whether this workspace shares."""
    row = work.find(WHOLE_MODEL)
    return Versioned(
        Sharing(is_shared=row is not None and row.is_shared), tag_of(row.version if row else 0)
    )


def development(work: Reading, application_id: ApplicationId) -> Development:
    """Show how signals and estimates went from interview to interview."""
    applications.standing(work, application_id)
    held = case_of(work, application_id).interviews
    rows: Sequence[Any] = work.all(
        ALL_ESTIMATES, application_id=application_id, limit=_MOST_ESTIMATES
    )
    return presenters.development(application_id, held, rows)


def freeze(work: Writing, application_id: ApplicationId, known_on: date) -> None:
    """Count what was foretold until an outcome first became known, and nothing later.

    A day is all that is known of when that was: what was believed on that day counts, until now.
    """
    known_at = min(work.now, midnight(known_on + timedelta(days=1)))
    _freeze(work, applications.standing(work, application_id), known_at)


def leave_out(work: Writing, application_id: ApplicationId) -> None:
    """Count nothing as foretold of a case that came with its outcome."""
    application = applications.standing(work, application_id)
    _freeze(work, application, application.created_at)


def _freeze(work: Writing, application: ApplicationRow, known_at: datetime) -> None:
    known = work.find(CASE_OF, application_id=application.id)
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


def _forecasts(work: Reading) -> list[Forecast]:
    return [
        Forecast(row.foretold, Outcome(row.packed).offered)
        for row in _as_service(work).all(CASES)
        if row.foretold is not None and row.packed is not None
    ]


def _as_service(work: Reading) -> Reading:
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
