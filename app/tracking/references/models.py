"""Table of references."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import CandidateModel, id_column, tenant_foreign_key
from app.core.persistence.types import TypeIdType
from app.kit.ids import ApplicationId, PersonId, ReferenceId
from app.tracking.references.lifecycle import ReferenceState


class ReferenceRow(CandidateModel):
    """One referee in one application; only the candidate ever sees who it is.

    Each step has a column that ends in `_at`; it is null until the step is recorded.
    """

    __tablename__ = "job_references"  # `references` is an SQL keyword
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("applications", "application_id"),
        tenant_foreign_key("people", "referee_id", on_delete="NO ACTION"),
        Index(
            "uq_job_references_referee",
            "workspace_id",
            "application_id",
            "referee_id",
            unique=True,
        ),
        Index("ix_job_references_application", "workspace_id", "application_id", "id"),
        Index("ix_job_references_candidate", "workspace_id", "candidate_id", "id"),
    )
    id_prefix = "ref"

    id: Mapped[ReferenceId] = id_column("ref")
    application_id: Mapped[ApplicationId] = mapped_column(TypeIdType("app"))
    referee_id: Mapped[PersonId] = mapped_column(TypeIdType("per"))
    note: Mapped[str | None]
    state: Mapped[ReferenceState]
    warned_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    requested_at: Mapped[datetime | None]
    given_at: Mapped[datetime | None]
    thanked_at: Mapped[datetime | None]
