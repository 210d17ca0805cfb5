"""Every query over the signals observed and released."""

from sqlalchemy import and_, bindparam, select

from app.core.persistence.tenancy import TenantQuery
from app.reflection.debriefs.models import SignalReleaseRow, SignalSheetRow
from app.tracking.interviews.models import InterviewRow

_COLUMNS = SignalSheetRow.data_columns()

SHEET_OF_INTERVIEW = TenantQuery(
    SignalSheetRow,
    select(*_COLUMNS).where(SignalSheetRow.interview_id == bindparam("interview_id")),
)

SHEETS_OF = TenantQuery(
    SignalSheetRow,
    select(*_COLUMNS).where(
        SignalSheetRow.application_id.in_(bindparam("applications", expanding=True))
    ),
)

# Joined to the sheet, on which the levels stand; a sheet is there as long as its interview.
RELEASE_OF_INTERVIEW = TenantQuery(
    SignalReleaseRow,
    select(
        SignalReleaseRow.id,
        SignalReleaseRow.interview_id,
        SignalReleaseRow.signals,
        SignalReleaseRow.created_at,
        SignalReleaseRow.updated_at,
        SignalReleaseRow.version,
        SignalSheetRow.signals.label("observed"),
    )
    .select_from(SignalReleaseRow)
    .join(
        SignalSheetRow,
        and_(
            SignalSheetRow.workspace_id == SignalReleaseRow.workspace_id,
            SignalSheetRow.interview_id == SignalReleaseRow.interview_id,
        ),
    )
    .where(SignalReleaseRow.interview_id == bindparam("interview_id")),
)

# Every interview of an application with its sheet, where it has one, in the order they were held.
EVIDENCE = TenantQuery(
    InterviewRow,
    select(
        InterviewRow.id,
        InterviewRow.version,
        InterviewRow.round,
        InterviewRow.state,
        InterviewRow.starts_at,
        SignalSheetRow.signals,
    )
    .select_from(InterviewRow)
    .outerjoin(
        SignalSheetRow,
        and_(
            SignalSheetRow.workspace_id == InterviewRow.workspace_id,
            SignalSheetRow.interview_id == InterviewRow.id,
        ),
    )
    .where(InterviewRow.application_id == bindparam("application_id"))
    .order_by(InterviewRow.starts_at, InterviewRow.id),
)
