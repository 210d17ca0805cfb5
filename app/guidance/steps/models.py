"""The table of steps."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import CandidateModel, id_column, tenant_foreign_key
from app.core.persistence.types import TypeIdType
from app.guidance.steps.lifecycle import StepState
from app.kit.ids import ApplicationId, InterviewId, StepId

_OF_APPLICATION = text("interview_id IS NULL")
_TO_ANNOUNCE = text("state = 'open' AND announced_at IS NULL")


class StepRow(CandidateModel):
    """A step of the guide for one interview, or for a whole application.

    `announced_at` is when the event `step.due` was published, and `closed_at` when the step was
    done or dismissed.
    """

    __tablename__ = "steps"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("applications", "application_id"),
        tenant_foreign_key("interviews", "interview_id"),
        Index("uq_steps_interview", "workspace_id", "interview_id", "guide_step", unique=True),
        # Nulls are distinct in a unique index, so that the first one does not cover these rows.
        Index(
            "uq_steps_application",
            "workspace_id",
            "application_id",
            "guide_step",
            unique=True,
            sqlite_where=_OF_APPLICATION,
            postgresql_where=_OF_APPLICATION,
        ),
        Index("ix_steps_candidate", "workspace_id", "candidate_id", "due_at", "id"),
        Index("ix_steps_application", "workspace_id", "application_id", "due_at", "id"),
        Index("ix_steps_state", "workspace_id", "candidate_id", "state", "due_at", "id"),
        Index(
            "ix_steps_to_announce",
            "workspace_id",
            "due_at",
            sqlite_where=_TO_ANNOUNCE,
            postgresql_where=_TO_ANNOUNCE,
        ),
    )
    id_prefix = "stp"

    id: Mapped[StepId] = id_column("stp")
    application_id: Mapped[ApplicationId] = mapped_column(TypeIdType("app"))
    interview_id: Mapped[InterviewId | None] = mapped_column(TypeIdType("int"))
    guide_step: Mapped[str]
    due_at: Mapped[datetime]
    state: Mapped[StepState]
    closed_at: Mapped[datetime | None]
    announced_at: Mapped[datetime | None]
