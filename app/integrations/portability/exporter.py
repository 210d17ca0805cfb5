"""Export of applications as JSON lines, in the shape that the import reads.

Lines are built from plain rows and not validated by the schema: stored data must come out even
where a limit has become tighter since.
"""

from collections.abc import Sequence
from typing import Any

from pydantic_core import to_json

from app.core.unit_of_work.session import ReadSession
from app.kit.ids import ApplicationId, min_id
from app.reflection.debriefs.repository import SHEETS_OF, SignalSheetRecord
from app.tracking.applications.lifecycle import Status
from app.tracking.applications.repository import (
    APPLICATIONS_AFTER,
    APPLICATIONS_BY_ID,
    ApplicationRecord,
)
from app.tracking.interviews.repository import INTERVIEWS_OF, PANELS, InterviewRecord

START = ApplicationId(min_id("app"))

_BATCH_SIZE = 200
_APPLICATION_FIELDS = (
    "job_title", "source", "applied_on", "location", "work_mode", "posting_url", "notes",
    "interest", "stage",
)  # fmt: skip
_INTERVIEW_FIELDS = (
    "round", "format", "state", "starts_at", "planned_minutes", "ended_at", "place", "notes",
)  # fmt: skip
_PERSON_FIELDS = ("name", "title", "email", "phone", "profile_url")
_PANEL_FIELDS = (*_PERSON_FIELDS, "seniority", "has_final_say")

Line = dict[str, Any]


def export_page(session: ReadSession, after: ApplicationId) -> tuple[bytes, ApplicationId | None]:
    """Return the lines of the next applications, and the id to go on from, if there are more."""
    rows = session.all(APPLICATIONS_AFTER, after=after, limit=_BATCH_SIZE)
    lines = b"".join(to_json(line) + b"\n" for line in _lines(session, rows))
    return lines, rows[-1].id if len(rows) == _BATCH_SIZE else None


def lines_of(session: ReadSession, applications: Sequence[ApplicationId]) -> list[Line]:
    """Return the lines of these applications."""
    rows = session.all(APPLICATIONS_BY_ID, ids=list(applications)) if applications else ()
    return _lines(session, rows)


def _lines(session: ReadSession, rows: Sequence[ApplicationRecord]) -> list[Line]:
    if not rows:
        return []
    applications = [row.id for row in rows]
    interviews = session.all(INTERVIEWS_OF, applications=applications)
    sheets = {row.interview_id: row for row in session.all(SHEETS_OF, applications=applications)}
    panels: dict[str, list[Line]] = {}
    if interviews:
        for member in session.all(PANELS, interviews=[row.id for row in interviews]):
            panels.setdefault(member.interview_id, []).append(_known(member, _PANEL_FIELDS))
    by_application: dict[str, list[Line]] = {}
    for row in interviews:
        line = _interview(row, panels.get(row.id, []), sheets.get(row.id))
        by_application.setdefault(row.application_id, []).append(line)
    return [_application(row, by_application.get(row.id, [])) for row in rows]


def _application(row: ApplicationRecord, interviews: list[Line]) -> Line:
    line = _known(row, _APPLICATION_FIELDS)
    line["external_id"] = row.external_id or row.id
    line["company"] = _known(row, ("name", "website"), "company_")
    if row.hiring_manager_id:
        line["hiring_manager"] = _known(row, _PERSON_FIELDS, "manager_")
    if row.recruiter_id:
        line["recruiter"] = _known(row, _PERSON_FIELDS, "recruiter_")
    if row.salary:
        line["salary"] = {name: part for name, part in row.salary.items() if part is not None}
    if row.status is not Status.ACTIVE:
        line |= {"outcome": row.status, "known_on": row.outcome_known_on}
    return line | {"interviews": interviews}


def _interview(row: InterviewRecord, panel: list[Line], sheet: SignalSheetRecord | None) -> Line:
    return _known(row, _INTERVIEW_FIELDS) | {
        "panel": panel,
        "signals": sheet.signals if sheet else {},
        "signal_notes": sheet.notes if sheet else {},
    }


def _known(row: object, names: Sequence[str], prefix: str = "") -> Line:
    """Return those of these columns that are not null."""
    values = ((name, getattr(row, prefix + name)) for name in names)
    return {name: value for name, value in values if value is not None}
