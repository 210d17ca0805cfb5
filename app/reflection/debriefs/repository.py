"""Queries over observed signals and their release."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from app.core.persistence.tenancy import TenantQuery, on_same_workspace
from app.kit.ids import InterviewId
from app.reflection.debriefs.models import SignalReleaseRow, SignalSheetRow
from app.scoring import Round
from app.tracking.interviews.lifecycle import InterviewState
from app.tracking.interviews.models import InterviewRow


class SignalSheetRecord(NamedTuple):
    """The signals of one interview, by name, and the notes on them."""

    id: str
    interview_id: InterviewId
    signals: dict[str, Any]
    notes: dict[str, Any]
    updated_at: datetime
    version: int


class SignalReleaseRecord(NamedTuple):
    """The names of the released signals, and the sheet with their levels."""

    id: str
    interview_id: InterviewId
    signals: list[str]
    created_at: datetime
    updated_at: datetime
    version: int
    observed: dict[str, Any]


class EvidenceRecord(NamedTuple):
    """An interview with its signals, null where none were recorded."""

    id: InterviewId
    round: Round
    state: InterviewState
    starts_at: datetime
    signals: dict[str, Any] | None


_SHEETS = select(*SignalSheetRow.columns_of(SignalSheetRecord))

SHEET_OF_INTERVIEW = TenantQuery(
    SignalSheetRow,
    SignalSheetRecord,
    _SHEETS.where(SignalSheetRow.interview_id == bindparam("interview_id")),
)

SHEETS_OF = TenantQuery(
    SignalSheetRow,
    SignalSheetRecord,
    _SHEETS.where(SignalSheetRow.application_id.in_(bindparam("applications", expanding=True))),
)

# An inner join: signals can be released only once they are recorded.
RELEASE_OF_INTERVIEW = TenantQuery(
    SignalReleaseRow,
    SignalReleaseRecord,
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
        on_same_workspace(
            SignalReleaseRow,
            SignalSheetRow,
            SignalSheetRow.interview_id == SignalReleaseRow.interview_id,
        ),
    )
    .where(SignalReleaseRow.interview_id == bindparam("interview_id")),
)

EVIDENCE = TenantQuery(
    InterviewRow,
    EvidenceRecord,
    select(
        InterviewRow.id,
        InterviewRow.round,
        InterviewRow.state,
        InterviewRow.starts_at,
        SignalSheetRow.signals,
    )
    .select_from(InterviewRow)
    .outerjoin(
        SignalSheetRow,
        on_same_workspace(
            InterviewRow, SignalSheetRow, SignalSheetRow.interview_id == InterviewRow.id
        ),
    )
    .where(InterviewRow.application_id == bindparam("application_id"))
    .order_by(InterviewRow.starts_at, InterviewRow.id),
)
"""The interviews of an application, in the order they were held."""
