"""Applications out, line by line, in exactly the shape in which they are taken in."""

from collections.abc import Sequence
from typing import Any

from app.applications.lifecycle import Outcome, Stage, Status
from app.applications.models import ApplicationRow
from app.applications.repository import APPLICATIONS_AFTER, APPLICATIONS_BY_ID
from app.applications.schemas import WorkMode
from app.core.schemas import Money
from app.core.work import Reading
from app.debriefs.repository import SHEETS_OF
from app.debriefs.schemas import Signals
from app.exchange.schemas import PastApplication, PastInterview
from app.interviews.lifecycle import Format, State
from app.interviews.repository import INTERVIEWS_OF, PANELS
from app.interviews.schemas import PanelMemberNamed, Seniority
from app.kit.ids import ApplicationId, lowest
from app.people.schemas import CompanyNamed, PersonNamed
from app.scoring import Round, SignalId

BEGINNING = ApplicationId(lowest("app"))

_AT_ONCE = 200
_DETAILS = ("name", "title", "email", "phone", "profile_url")

Row = Any
"""A row joined from several tables, which no one class describes."""


def lines_after(work: Reading, place: ApplicationId) -> tuple[bytes, ApplicationId | None]:
    """Return the lines of the applications after this one, and where to go on, if anywhere."""
    rows = work.all(APPLICATIONS_AFTER, after=place, limit=_AT_ONCE)
    lines = [each.model_dump_json(exclude_none=True) for each in _present(work, rows)]
    onward = rows[-1].id if len(rows) == _AT_ONCE else None
    return "".join(f"{line}\n" for line in lines).encode(), onward


def past_applications(work: Reading, identities: Sequence[ApplicationId]) -> list[PastApplication]:
    """Return these applications as lines of a history."""
    return _present(work, work.all(APPLICATIONS_BY_ID, ids=list(identities))) if identities else []


def _present(work: Reading, rows: Sequence[ApplicationRow]) -> list[PastApplication]:
    if not rows:
        return []
    applications = [row.id for row in rows]
    interviews = work.all(INTERVIEWS_OF, applications=applications)
    sheets = {row.interview_id: row for row in work.all(SHEETS_OF, applications=applications)}
    seats: dict[str, list[Row]] = {}
    if interviews:
        for seat in work.all(PANELS, interviews=[row.id for row in interviews]):
            seats.setdefault(seat.interview_id, []).append(seat)
    held: dict[str, list[PastInterview]] = {}
    for row in interviews:
        shown = _interview(row, seats.get(row.id, ()), sheets.get(row.id))
        held.setdefault(row.application_id, []).append(shown)
    return [_application(row, held.get(row.id, [])) for row in rows]


# Nothing is validated here: what is kept was valid when it came, and has to come out even
# where a limit of ours is tighter today.


def _application(row: Row, interviews: list[PastInterview]) -> PastApplication:
    return PastApplication.model_construct(
        external_id=row.external_id or row.id,
        company=CompanyNamed.model_construct(name=row.company_name, website=row.company_website),
        job_title=row.job_title,
        hiring_manager=_person(row, row.hiring_manager_id, "manager"),
        recruiter=_person(row, row.recruiter_id, "recruiter"),
        source=row.source,
        applied_on=row.applied_on,
        location=row.location,
        work_mode=WorkMode(row.work_mode) if row.work_mode else None,
        posting_url=row.posting_url,
        salary=Money.model_construct(**row.salary) if row.salary else None,
        notes=row.notes,
        stage=Stage(row.stage),
        interviews=interviews,
        outcome=None if row.status == Status.ACTIVE else Outcome(row.status),
        known_on=row.outcome_known_on,
    )


def _person(row: Row, identity: str | None, prefix: str) -> PersonNamed | None:
    if identity is None:
        return None
    return PersonNamed.model_construct(
        **{name: getattr(row, f"{prefix}_{name}") for name in _DETAILS}
    )


def _interview(row: Row, seats: Sequence[Row], sheet: Row | None) -> PastInterview:
    return PastInterview.model_construct(
        round=Round(row.round),
        format=Format(row.format),
        state=State(row.state),
        starts_at=row.starts_at,
        planned_minutes=row.planned_minutes,
        ended_at=row.ended_at,
        place=row.place,
        panel=[_seat(seat) for seat in seats],
        notes=row.notes,
        signals=Signals.model_construct(**(sheet.signals if sheet else {})),
        signal_notes={
            SignalId(name): note for name, note in (sheet.notes if sheet else {}).items()
        },
    )


def _seat(seat: Row) -> PanelMemberNamed:
    return PanelMemberNamed.model_construct(
        seniority=Seniority(seat.seniority) if seat.seniority else None,
        has_final_say=seat.has_final_say,
        **{name: getattr(seat, name) for name in _DETAILS},
    )
