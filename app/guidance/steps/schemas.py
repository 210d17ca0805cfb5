"""How steps look in the contract; no recruiter ever sees one."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.core.http.field_types import Instant
from app.core.http.schemas import Schema
from app.guidance.steps.lifecycle import StepState
from app.guide import Phase
from app.kit.ids import ApplicationId, InterviewId, StepId


class DueFilter(StrEnum):
    """When open steps are due."""

    NOW = "now"
    LATER = "later"


class Step(Schema):
    """Something to do, with the reason for it and the time by which; private to the candidate."""

    id: StepId
    application: ApplicationId
    interview: Annotated[
        InterviewId | None, Field(description="Null where it is about the whole application.")
    ]
    guide_step: Annotated[
        str, Field(description="Its id in the guide, `GET /v1/guide/steps`; the same for good.")
    ]
    phase: Phase
    title: Annotated[str, Field(description="What to do, in English.")]
    text: Annotated[str, Field(description="How, and what for, in English.")]
    reason: Annotated[str, Field(description="Why it is due when it is, in English.")]
    due_at: Instant
    is_overdue: Annotated[bool, Field(description="Whether it is open, and its time has passed.")]
    state: StepState
    settled_at: Annotated[Instant | None, Field(description="When it was done or dismissed.")]
    created_at: Instant
    updated_at: Instant
