"""Tables of interviews and their panels."""

from datetime import datetime

from sqlalchemy import ColumnElement, Index, bindparam, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import CandidateOwned, primary_id, references
from app.core.persistence.types import Id
from app.kit.ids import ApplicationId, InterviewId, PersonId
from app.tracking.applications.models import ApplicationRow


class InterviewRow(CandidateOwned):
    """One sitting of a round."""

    __tablename__ = "interviews"
    __table_args__ = (
        references("members", "candidate_id"),
        references("applications", "application_id"),
        Index("ix_interviews_application", "workspace_id", "application_id", "id"),
    )
    id_prefix = "int"

    id: Mapped[InterviewId] = primary_id("int")
    application_id: Mapped[ApplicationId] = mapped_column(Id("app"))
    round: Mapped[str]
    format: Mapped[str]
    state: Mapped[str]
    starts_at: Mapped[datetime]
    planned_minutes: Mapped[int | None]
    ended_at: Mapped[datetime | None]
    place: Mapped[str | None]
    notes: Mapped[str | None]

    @classmethod
    def recruiter_sees(cls) -> ColumnElement[bool]:
        """Return the interviews of applications that were opened to this recruiter."""
        opened = select(ApplicationRow.workspace_id, ApplicationRow.id).where(
            ApplicationRow.workspace_id == bindparam("workspace_id"),
            ApplicationRow.recruiter_member_id == bindparam("member_id"),
        )
        return tuple_(cls.workspace_id, cls.application_id).in_(opened)


class PanelMemberRow(CandidateOwned):
    """One interviewer of one interview."""

    __tablename__ = "panel_members"
    __table_args__ = (
        references("members", "candidate_id"),
        references("interviews", "interview_id"),
        references("people", "person_id", on_delete="NO ACTION"),
        Index("ix_panel_members_interview", "workspace_id", "interview_id", "place"),
    )
    id_prefix = "pan"

    id: Mapped[str] = primary_id("pan")
    interview_id: Mapped[InterviewId] = mapped_column(Id("int"))
    person_id: Mapped[PersonId] = mapped_column(Id("per"))
    place: Mapped[int]
    seniority: Mapped[str | None]
    has_final_say: Mapped[bool | None]

    @classmethod
    def recruiter_sees(cls) -> ColumnElement[bool]:
        """Return the panels of interviews that this recruiter sees."""
        seen = select(InterviewRow.workspace_id, InterviewRow.id).where(
            InterviewRow.workspace_id == bindparam("workspace_id"), InterviewRow.recruiter_sees()
        )
        return tuple_(cls.workspace_id, cls.interview_id).in_(seen)
