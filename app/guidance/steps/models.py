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
    """A step of the guide that is to be taken for one interview, or for a whole application.

    `announced_at` is when others were told that it is due, and `settled_at` when it was done or
    dismissed.
    """

    __tablename__ = "steps"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("applications", "application_id"),
        tenant_foreign_key("interviews", "interview_id"),
        Index("uq_steps_interview", "workspace_id", "interview_id", "guide_step", unique=True),
        # Nulls differ from one another, so that the first index does not hold these apart.
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
    settled_at: Mapped[datetime | None]
    announced_at: Mapped[datetime | None]
