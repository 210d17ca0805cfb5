"""Request and response schemas of steps; recruiters do not see steps."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.core.http.field_types import Instant
from app.core.http.schemas import Schema
from app.guidance.steps.lifecycle import StepState
from app.guide import Phase
from app.kit.ids import ApplicationId, InterviewId, StepId


class DueFilter(StrEnum):
    """Filter of open steps by due time."""

    NOW = "now"
    LATER = "later"


class Step(Schema):
    """A step: something to do, its reason and its due time. Private to the candidate."""

    id: StepId
    application: ApplicationId
    interview: Annotated[
        InterviewId | None, Field(description="Null when the step is about the whole application.")
    ]
    guide_step: Annotated[
        str, Field(description="The stable id of the step in the guide, `GET /v1/guide/steps`.")
    ]
    phase: Phase
    title: Annotated[str, Field(description="What to do, in English.")]
    text: Annotated[str, Field(description="How to do it and why, in English.")]
    reason: Annotated[str, Field(description="Why it is due at this time, in English.")]
    due_at: Instant
    is_overdue: Annotated[
        bool, Field(description="Whether the step is open and its due time has passed.")
    ]
    state: StepState
    closed_at: Annotated[Instant | None, Field(description="When the step was done or dismissed.")]
    created_at: Instant
    updated_at: Instant
