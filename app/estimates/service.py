"""Estimate an application's outcome from what was observed in its interviews.

The estimate shown is always worked out from what is recorded now, so it is
never stale. Whenever that changes, the estimate of the moment is also kept,
with its inputs, and never changed again: the history is what was believed then.
"""

from collections.abc import Sequence
from typing import Any

from app.applications import service as applications
from app.core.answers import Versioned, tag_of
from app.core.paging import page
from app.core.schemas import Page
from app.core.work import Reading, Writing
from app.debriefs.repository import EVIDENCE
from app.estimates import presenting
from app.estimates.events import EstimateUpdated
from app.estimates.models import EstimateRow
from app.estimates.repository import ESTIMATES, NEWEST_ESTIMATE
from app.estimates.schemas import (
    Estimate,
    EstimateMade,
    Estimates,
    ModelCard,
    WhatIf,
    WhatIfInterview,
)
from app.interviews.lifecycle import InterviewState
from app.interviews.service import has_taken_place
from app.kit.ids import ApplicationId
from app.scoring import ELICITED, Case, Interview, Level, Posterior, Round, SignalId, estimate

_ROUNDS = list(Round)


def show(work: Reading, application_id: ApplicationId) -> Estimate:
    """Estimate an application from what is recorded now."""
    applications.get(work, application_id)
    return presenting.estimate(estimate(case_of(work, application_id), _posterior(work)))


def history(
    work: Reading, application_id: ApplicationId, limit: int, cursor: str | None
) -> Page[EstimateMade]:
    """Show the estimates that were made of an application, newest first."""
    applications.get(work, application_id)
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
    posterior = _posterior(work)
    if "cases" in wanted.model_fields_set:
        return Estimates([_imagined(case.interviews, posterior) for case in wanted.cases])
    return _imagined(wanted.interviews, posterior)


def keep(work: Writing, application_id: ApplicationId, cause: str) -> None:
    """Keep the estimate of this moment, unless it rests on the same inputs as the last one."""
    application = applications.get(work, application_id)
    case = case_of(work, application_id)
    made = estimate(case, _posterior(work))
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
        inputs=presenting.inputs(case),
        answer=presenting.estimate(made).model_dump(mode="json", by_alias=True),
    )
    work.announce(EstimateUpdated(application.candidate_id, application_id, made.band.value))


def case_of(work: Reading, application_id: ApplicationId) -> Case:
    """Return what is recorded of an application as the scoring takes it.

    An interview counts once it has taken place; one still ahead only tells how
    far the application has come; a cancelled one tells nothing.
    """
    rows: Sequence[Any] = work.all(EVIDENCE, application_id=application_id)
    standing = [row for row in rows if row.state != InterviewState.CANCELLED]
    held = [_interview(row) for row in standing if has_taken_place(row, work.now)]
    reached = max((Round(row.round) for row in standing), key=_ROUNDS.index, default=None)
    return Case(tuple(held), reached)


def model_card(work: Reading) -> Versioned[ModelCard]:
    """Describe the model that estimates in this workspace."""
    posterior = _posterior(work)
    return Versioned(presenting.model_card(posterior), tag_of(posterior.outcomes_learnt_from))


def _posterior(work: Reading) -> Posterior:
    """Return what is believed about the signals here; nothing has been learnt yet."""
    del work
    return ELICITED


def _interview(row: Any) -> Interview:  # noqa: ANN401 - a row joined from two tables
    return Interview(
        row.id,
        Round(row.round),
        {SignalId(name): Level(level) for name, level in (row.signals or {}).items()},
    )


def _imagined(interviews: Sequence[WhatIfInterview], posterior: Posterior) -> Estimate:
    case = Case(
        tuple(
            Interview(str(place), interview.round, interview.signals.observed())
            for place, interview in enumerate(interviews, start=1)
        )
    )
    return presenting.estimate(estimate(case, posterior))


def _present_all(rows: Sequence[EstimateRow]) -> list[EstimateMade]:
    return [presenting.made(row) for row in rows]
