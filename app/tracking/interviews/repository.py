"""Queries over interviews and their panels."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select

from app.core.http.pagination import Order, keyset_query
from app.core.persistence.tenancy import TenantQuery, on_same_workspace
from app.kit.ids import ApplicationId, InterviewId, MemberId, PersonId
from app.scoring import Round
from app.tracking.interviews.lifecycle import Format, InterviewState
from app.tracking.interviews.models import InterviewRow, PanelMemberRow
from app.tracking.interviews.schemas import Seniority
from app.tracking.people.models import PersonRow


class InterviewRecord(NamedTuple):
    """An interview without its panel."""

    id: InterviewId
    candidate_id: MemberId
    application_id: ApplicationId
    round: Round
    format: Format
    state: InterviewState
    starts_at: datetime
    planned_minutes: int | None
    ended_at: datetime | None
    place: str | None
    notes: str | None
    created_at: datetime
    updated_at: datetime
    version: int


class PanelMemberRecord(NamedTuple):
    """One interviewer of an interview, with the details of the person."""

    id: str
    version: int
    interview_id: InterviewId
    person_id: PersonId
    seniority: Seniority | None
    has_final_say: bool | None
    name: str
    title: str | None
    email: str | None
    phone: str | None
    profile_url: str | None
    person_version: int


class InterviewWithPanel(NamedTuple):
    """An interview with its panel, in the order in which it was sent."""

    interview: InterviewRecord
    panel: Sequence[PanelMemberRecord]


_INTERVIEWS = select(*InterviewRow.columns_of(InterviewRecord))

INTERVIEW_BY_ID = TenantQuery(
    InterviewRow, InterviewRecord, _INTERVIEWS.where(InterviewRow.id == bindparam("id"))
)

INTERVIEWS = keyset_query(
    InterviewRow,
    InterviewRecord,
    _INTERVIEWS.where(InterviewRow.application_id == bindparam("application_id")),
    Order(InterviewRow.id),
)

INTERVIEWS_OF = TenantQuery(
    InterviewRow,
    InterviewRecord,
    _INTERVIEWS.where(
        InterviewRow.application_id.in_(bindparam("applications", expanding=True))
    ).order_by(InterviewRow.application_id, InterviewRow.id),
)

PANELS = TenantQuery(
    PanelMemberRow,
    PanelMemberRecord,
    select(
        PanelMemberRow.id,
        PanelMemberRow.version,
        PanelMemberRow.interview_id,
        PanelMemberRow.person_id,
        PanelMemberRow.seniority,
        PanelMemberRow.has_final_say,
        PersonRow.name,
        PersonRow.title,
        PersonRow.email,
        PersonRow.phone,
        PersonRow.profile_url,
        PersonRow.version.label("person_version"),
    )
    .join(
        PersonRow,
        on_same_workspace(PanelMemberRow, PersonRow, PersonRow.id == PanelMemberRow.person_id),
    )
    .where(PanelMemberRow.interview_id.in_(bindparam("interviews", expanding=True)))
    .order_by(PanelMemberRow.interview_id, PanelMemberRow.place),
)
