"""Tables of applications and of their stage changes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, LargeBinary, bindparam
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import CandidateModel, id_column, tenant_foreign_key
from app.core.persistence.types import TypeIdType
from app.kit.ids import ApplicationId, CompanyId, MemberId, PersonId
from app.tracking.applications.lifecycle import Interest, Stage, Status
from app.tracking.applications.schemas import WorkMode


class ApplicationRow(CandidateModel):
    """An application of one candidate for one role at one company.

    An imported one also has the id of its source in `external_id`, and the digest of its line.
    """

    __tablename__ = "applications"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("members", "recruiter_member_id", on_delete="NO ACTION"),
        tenant_foreign_key("companies", "company_id", on_delete="NO ACTION"),
        tenant_foreign_key("people", "hiring_manager_id", on_delete="NO ACTION"),
        tenant_foreign_key("people", "recruiter_id", on_delete="NO ACTION"),
        Index("ix_applications_newest", "workspace_id", "candidate_id", "id"),
        Index("ix_applications_updated", "workspace_id", "candidate_id", "updated_at", "id"),
        Index("ix_applications_applied", "workspace_id", "candidate_id", "applied_on", "id"),
        Index("ix_applications_status", "workspace_id", "candidate_id", "status", "id"),
        Index("ix_applications_company", "workspace_id", "candidate_id", "company_id", "id"),
        Index("ix_applications_recruiter", "workspace_id", "recruiter_member_id", "id"),
        Index(
            "uq_applications_external_id",
            "workspace_id",
            "candidate_id",
            "external_id",
            unique=True,
        ),
    )
    id_prefix = "app"

    id: Mapped[ApplicationId] = id_column("app")
    company_id: Mapped[CompanyId] = mapped_column(TypeIdType("co"))
    job_title: Mapped[str]
    hiring_manager_id: Mapped[PersonId | None] = mapped_column(TypeIdType("per"))
    recruiter_id: Mapped[PersonId | None] = mapped_column(TypeIdType("per"))
    recruiter_member_id: Mapped[MemberId | None] = mapped_column(TypeIdType("mem"))
    source: Mapped[str | None]
    applied_on: Mapped[date]
    location: Mapped[str | None]
    work_mode: Mapped[WorkMode | None]
    posting_url: Mapped[str | None]
    salary: Mapped[dict[str, Any] | None]
    notes: Mapped[str | None]
    interest: Mapped[Interest | None]
    stage: Mapped[Stage]
    status: Mapped[Status]
    outcome_known_on: Mapped[date | None]
    outcome_recorded_at: Mapped[datetime | None]
    external_id: Mapped[str | None]
    imported_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))

    @classmethod
    def recruiter_filter(cls) -> ColumnElement[bool]:
        """Return the filter for applications that are shared with this recruiter."""
        return cls.recruiter_member_id == bindparam("member_id")


class StageChangeRow(CandidateModel):
    """One change of an application's stage; the table is append-only."""

    __tablename__ = "stage_changes"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("applications", "application_id"),
        Index("ix_stage_changes_application", "workspace_id", "application_id", "id"),
    )
    id_prefix = "stg"

    id: Mapped[str] = id_column("stg")
    application_id: Mapped[ApplicationId] = mapped_column(TypeIdType("app"))
    stage_before: Mapped[Stage | None]
    stage_after: Mapped[Stage]
    changed_at: Mapped[datetime]
