"""Applications out, line by line, in exactly the shape in which they are taken in.

A line is written as plain data, and not by its schema: what is kept was valid when it came,
and has to come out even where a limit of ours is tighter today.
"""

from collections.abc import Sequence
from typing import Any

from pydantic_core import to_json

from app.core.unit_of_work.session import ReadSession
from app.kit.ids import ApplicationId, min_id
from app.reflection.debriefs.repository import SHEETS_OF
from app.tracking.applications.lifecycle import Status
from app.tracking.applications.repository import APPLICATIONS_AFTER, APPLICATIONS_BY_ID
from app.tracking.interviews.repository import INTERVIEWS_OF, PANELS

BEGINNING = ApplicationId(min_id("app"))

_AT_ONCE = 200
_OF_APPLICATIONS = (
    "job_title", "source", "applied_on", "location", "work_mode", "posting_url", "notes",
    "interest", "stage",
)  # fmt: skip
_OF_INTERVIEWS = (
    "round", "format", "state", "starts_at", "planned_minutes", "ended_at", "place", "notes",
)  # fmt: skip
_OF_PEOPLE = ("name", "title", "email", "phone", "profile_url")
_OF_SEATS = (*_OF_PEOPLE, "seniority", "has_final_say")

Line = dict[str, Any]
Row = Any
"""A row joined from several tables, which no one class describes."""


def export_page(work: ReadSession, place: ApplicationId) -> tuple[bytes, ApplicationId | None]:
    """Return the lines of the applications after this one, and where to go on, if anywhere."""
    rows = work.all(APPLICATIONS_AFTER, after=place, limit=_AT_ONCE)
    lines = b"".join(to_json(line) + b"\n" for line in _lines(work, rows))
    return lines, rows[-1].id if len(rows) == _AT_ONCE else None


def lines_of(work: ReadSession, applications: Sequence[ApplicationId]) -> list[Line]:
    """Return what the lines of these applications say."""
    found = work.all(APPLICATIONS_BY_ID, ids=list(applications)) if applications else ()
    return _lines(work, found)


def _lines(work: ReadSession, rows: Sequence[Row]) -> list[Line]:
    if not rows:
        return []
    applications = [row.id for row in rows]
    interviews: Sequence[Row] = work.all(INTERVIEWS_OF, applications=applications)
    sheets = {row.interview_id: row for row in work.all(SHEETS_OF, applications=applications)}
    panels: dict[str, list[Line]] = {}
    if interviews:
        for seat in work.all(PANELS, interviews=[row.id for row in interviews]):
            panels.setdefault(seat.interview_id, []).append(_told(seat, _OF_SEATS))
    held: dict[str, list[Line]] = {}
    for row in interviews:
        line = _interview(row, panels.get(row.id, []), sheets.get(row.id))
        held.setdefault(row.application_id, []).append(line)
    return [_application(row, held.get(row.id, [])) for row in rows]


def _application(row: Row, interviews: list[Line]) -> Line:
    line = _told(row, _OF_APPLICATIONS)
    line["external_id"] = row.external_id or row.id
    line["company"] = _told(row, ("name", "website"), "company_")
    if row.hiring_manager_id:
        line["hiring_manager"] = _told(row, _OF_PEOPLE, "manager_")
    if row.recruiter_id:
        line["recruiter"] = _told(row, _OF_PEOPLE, "recruiter_")
    if row.salary:
        line["salary"] = {name: part for name, part in row.salary.items() if part is not None}
    if row.status != Status.ACTIVE:
        line |= {"outcome": row.status, "known_on": row.outcome_known_on}
    return line | {"interviews": interviews}


def _interview(row: Row, panel: list[Line], sheet: Row | None) -> Line:
    return _told(row, _OF_INTERVIEWS) | {
        "panel": panel,
        "signals": sheet.signals if sheet else {},
        "signal_notes": sheet.notes if sheet else {},
    }


def _told(row: Row, names: Sequence[str], prefix: str = "") -> Line:
    """Return what is known of these columns."""
    found = ((name, getattr(row, prefix + name)) for name in names)
    return {name: value for name, value in found if value is not None}
