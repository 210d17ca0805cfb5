"""The table of references."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import CandidateOwned, primary_id, references
from app.core.persistence.types import Id
from app.kit.ids import ApplicationId, PersonId, ReferenceId


class ReferenceRow(CandidateOwned):
    """One referee in one application; nobody but the candidate ever sees who it is.

    A column ends in `_at` for each step, null until it is taken.
    """

    __tablename__ = "job_references"  # `references` is a word of SQL itself
    __table_args__ = (
        references("members", "candidate_id"),
        references("applications", "application_id"),
        references("people", "referee_id", on_delete="NO ACTION"),
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

    id: Mapped[ReferenceId] = primary_id("ref")
    application_id: Mapped[ApplicationId] = mapped_column(Id("app"))
    referee_id: Mapped[PersonId] = mapped_column(Id("per"))
    note: Mapped[str | None]
    state: Mapped[str]
    warned_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    requested_at: Mapped[datetime | None]
    given_at: Mapped[datetime | None]
    thanked_at: Mapped[datetime | None]
