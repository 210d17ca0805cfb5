"""Presenters: from rows of steps to responses."""

from app.core.http.representations import JsonView, Resource
from app.core.unit_of_work.preconditions import etag_of
from app.guidance.steps.repository import StepRecord
from app.guidance.steps.schemas import Step
from app.guidance.steps.text import guide_step, reason

STEP = JsonView(
    Step,
    StepRecord,
    application="application_id",
    interview="interview_id",
    phase=lambda row: guide_step(row.guide_step).phase,
    title=lambda row: guide_step(row.guide_step).title,
    text=lambda row: guide_step(row.guide_step).text,
    reason=lambda row: reason(row.guide_step),
)


def etag(row: StepRecord) -> str:
    """Return the ETag; a step becomes overdue without a change of its row."""
    return etag_of(row.version, int(row.is_overdue))


def step(row: StepRecord) -> Resource[StepRecord]:
    """Return the response for a step."""
    return Resource(row, STEP, etag(row))
