"""Tables of interviews and their panels."""

from datetime import datetime

from sqlalchemy import ColumnElement, Index, bindparam, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import CandidateModel, id_column, tenant_foreign_key
from app.core.persistence.types import TypeIdType
from app.kit.ids import ApplicationId, InterviewId, PersonId
from app.scoring import Round
from app.tracking.applications.models import ApplicationRow
from app.tracking.interviews.lifecycle import Format, InterviewState
from app.tracking.interviews.schemas import Seniority


class InterviewRow(CandidateModel):
    """One interview of an application."""

    __tablename__ = "interviews"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("applications", "application_id"),
        Index("ix_interviews_application", "workspace_id", "application_id", "id"),
    )
    id_prefix = "int"

    id: Mapped[InterviewId] = id_column("int")
    application_id: Mapped[ApplicationId] = mapped_column(TypeIdType("app"))
    round: Mapped[Round]
    format: Mapped[Format]
    state: Mapped[InterviewState]
    starts_at: Mapped[datetime]
    planned_minutes: Mapped[int | None]
    ended_at: Mapped[datetime | None]
    place: Mapped[str | None]
    notes: Mapped[str | None]

    @classmethod
    def recruiter_filter(cls) -> ColumnElement[bool]:
        """Return the filter for interviews of applications shared with this recruiter."""
        shared = select(ApplicationRow.workspace_id, ApplicationRow.id).where(
            ApplicationRow.workspace_id == bindparam("workspace_id"),
            ApplicationRow.recruiter_member_id == bindparam("member_id"),
        )
        return tuple_(cls.workspace_id, cls.application_id).in_(shared)


class PanelMemberRow(CandidateModel):
    """One interviewer of one interview."""

    __tablename__ = "panel_members"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("interviews", "interview_id"),
        tenant_foreign_key("people", "person_id", on_delete="NO ACTION"),
        Index("ix_panel_members_interview", "workspace_id", "interview_id", "place"),
    )
    id_prefix = "pan"

    id: Mapped[str] = id_column("pan")
    interview_id: Mapped[InterviewId] = mapped_column(TypeIdType("int"))
    person_id: Mapped[PersonId] = mapped_column(TypeIdType("per"))
    place: Mapped[int]
    seniority: Mapped[Seniority | None]
    has_final_say: Mapped[bool | None]

    @classmethod
    def recruiter_filter(cls) -> ColumnElement[bool]:
        """Return the filter for panels of interviews that this recruiter may see."""
        visible = select(InterviewRow.workspace_id, InterviewRow.id).where(
            InterviewRow.workspace_id == bindparam("workspace_id"), InterviewRow.recruiter_filter()
        )
        return tuple_(cls.workspace_id, cls.interview_id).in_(visible)
