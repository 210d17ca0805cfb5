"""Every query over interviews and panels."""

from sqlalchemy import and_, bindparam, select

from app.core.http.pagination import Order, keyset_query
from app.core.persistence.tenancy import TenantQuery
from app.tracking.interviews.models import InterviewRow, PanelMemberRow
from app.tracking.people.models import PersonRow

_COLUMNS = InterviewRow.data_columns()

INTERVIEW_BY_ID = TenantQuery(
    InterviewRow, select(*_COLUMNS).where(InterviewRow.id == bindparam("id"))
)

INTERVIEWS = keyset_query(
    InterviewRow,
    select(*_COLUMNS).where(InterviewRow.application_id == bindparam("application_id")),
    Order(InterviewRow.id),
)

INTERVIEWS_IN_ORDER = TenantQuery(
    InterviewRow,
    select(*_COLUMNS)
    .where(InterviewRow.application_id == bindparam("application_id"))
    .order_by(InterviewRow.starts_at, InterviewRow.id),
)

INTERVIEWS_OF = TenantQuery(
    InterviewRow,
    select(*_COLUMNS)
    .where(InterviewRow.application_id.in_(bindparam("applications", expanding=True)))
    .order_by(InterviewRow.application_id, InterviewRow.id),
)

PANELS = TenantQuery(
    PanelMemberRow,
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
        and_(
            PersonRow.workspace_id == PanelMemberRow.workspace_id,
            PersonRow.id == PanelMemberRow.person_id,
        ),
    )
    .where(PanelMemberRow.interview_id.in_(bindparam("interviews", expanding=True)))
    .order_by(PanelMemberRow.interview_id, PanelMemberRow.place),
)
