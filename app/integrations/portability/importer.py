"""Import of past applications, many at once: new lines are stored, known ones stay as they are.

Rows are inserted directly, with as many statements as there are tables; through the services of
the packages below, an application would cost some forty. Companies, people, stages and times are
decided as those services decide them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic_core import from_json, to_json

from app.core.http.schemas import Columns
from app.core.persistence.base import TenantModel
from app.core.problems import FieldError
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.integrations.portability.exporter import lines_of
from app.integrations.portability.schemas import (
    LineError,
    PastApplication,
    PastInterview,
    RejectedLine,
)
from app.kit.clock import start_of_day_utc
from app.kit.digest import digest
from app.kit.ids import ApplicationId, CompanyId, PersonId, is_id
from app.reflection.debriefs.models import SignalSheetRow
from app.tracking.applications.events import ApplicationImported
from app.tracking.applications.lifecycle import STAGE_AFTER_OUTCOME, Stage, Status
from app.tracking.applications.models import ApplicationRow, StageChangeRow
from app.tracking.applications.repository import BY_EXTERNAL_ID, NOT_IMPORTED_BY_ID
from app.tracking.applications.service import check_known_on, check_salary_range
from app.tracking.interviews.lifecycle import STAGE_OF_ROUND, InterviewState
from app.tracking.interviews.models import InterviewRow, PanelMemberRow
from app.tracking.interviews.service import CLOCK_SKEW, latest_end
from app.tracking.people.schemas import PersonInput
from app.tracking.people.service import (
    PersonAtCompany,
    get_or_create_companies,
    get_or_create_people,
)

_MAX_ERRORS = 10  # reported for one line
_PERSON_FIELDS = set(PersonInput.model_fields)
_NOT_COLUMNS = frozenset(
    {
        "company", "hiring_manager", "recruiter", "interviews", "outcome", "known_on", "stage",
        "external_id",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A line that is valid by itself; the digest is that of its content, however it is written."""

    number: int
    application: PastApplication
    digest: bytes


@dataclass(slots=True)
class ImportCounts:
    """The result of importing some lines."""

    imported: int = 0
    unchanged: int = 0
    rejected: list[RejectedLine] = field(default_factory=list)


def parsed_line(number: int, application: PastApplication) -> ParsedLine:
    """Return the line with its digest."""
    given = application.model_fields_set & {"stage"}  # left out, it follows from the rest
    content = application.model_dump(mode="json", exclude_none=True, exclude={"stage"} - given)
    return ParsedLine(number, application, _digest(content))


def rejected_line(number: int, errors: Sequence[FieldError]) -> RejectedLine:
    """Return the report line of a line that was rejected."""
    reported = [
        LineError(pointer=error.pointer, code=error.code, detail=error.detail)
        for error in errors[:_MAX_ERRORS]
    ]
    return RejectedLine(line=number, errors=reported)


def import_batch(session: WriteSession, lines: Sequence[ParsedLine]) -> ImportCounts:
    """Store every new line; reject one whose `external_id` is stored with other content."""
    counts = ImportCounts()
    stored = _stored(session, lines)
    new: dict[str, ParsedLine] = {}
    for line in lines:
        external_id = line.application.external_id
        earlier = new.get(external_id)
        if errors := _impossible_dates(line.application, session.now):
            counts.rejected.append(rejected_line(line.number, errors))
        elif external_id in stored:
            _compare(counts, line, stored[external_id])
        elif earlier is not None:
            _compare(counts, line, _Stored(None, {earlier.digest}))
        else:
            new[external_id] = line
    _insert(session, list(new.values()))
    counts.imported = len(new)
    return counts


# --- what is stored already -------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stored:
    """An application that exists, and the digests of the lines that equal it.

    The id is None when it is an earlier line of the same batch.
    """

    id: ApplicationId | None
    digests: set[bytes]


def _stored(session: ReadSession, lines: Sequence[ParsedLine]) -> dict[str, _Stored]:
    """Return which of these lines exist, by external id."""
    digests: dict[str, set[bytes]] = {}
    for line in lines:
        digests.setdefault(line.application.external_id, set()).add(line.digest)
    own_ids = [external_id for external_id in digests if is_id("app", external_id)]
    rows = [
        *session.all(BY_EXTERNAL_ID, ids=list(digests)),
        *(session.all(NOT_IMPORTED_BY_ID, ids=own_ids) if own_ids else ()),
    ]
    by_external_id = {row.external_id or row.id: row for row in rows}
    # An application that was changed since its import also equals the line it is exported as now.
    changed = [
        row.id for key, row in by_external_id.items() if digests[key] - {row.imported_digest}
    ]
    exported = {
        line["external_id"]: _digest(from_json(to_json(line)))
        for line in lines_of(session, changed)
    }
    return {
        key: _Stored(row.id, {known for known in (row.imported_digest, exported.get(key)) if known})
        for key, row in by_external_id.items()
    }


def _digest(content: Columns) -> bytes:
    return bytes.fromhex(digest(content, length=64))


def _compare(counts: ImportCounts, line: ParsedLine, stored: _Stored) -> None:
    if line.digest in stored.digests:
        counts.unchanged += 1
        return
    where = f"/v1/applications/{stored.id}" if stored.id else "an earlier line"
    detail = f"this external_id is stored with other content ({where}); change it there"
    error = FieldError("#/external_id", "line_changed", detail)
    counts.rejected.append(rejected_line(line.number, [error]))


def _impossible_dates(application: PastApplication, now: datetime) -> list[FieldError]:
    """Return errors for outcomes and interviews in the future, and for interviews of days."""
    errors = check_salary_range(application.salary)
    errors += check_known_on(application.known_on, now)
    for index, interview in enumerate(application.interviews):
        if interview.state is not InterviewState.CONCLUDED or interview.starts_at is None:
            continue
        pointer = f"#/interviews/{index}"
        if interview.starts_at > now + CLOCK_SKEW:
            detail = "this is in the future; a planned interview has the state `scheduled`"
            errors.append(FieldError(f"{pointer}/starts_at", "not_held_yet", detail))
        ended_at = interview.ended_at
        if ended_at is not None and ended_at > latest_end(interview.starts_at, now):
            detail = "an interview ends within a day of its start, and not in the future"
            errors.append(FieldError(f"{pointer}/ended_at", "end_not_possible", detail))
    return errors


# --- rows -------------------------------------------------------------------


def _insert(session: WriteSession, lines: Sequence[ParsedLine]) -> None:
    companies = get_or_create_companies(session, [line.application.company for line in lines])
    mentions = [
        mention
        for line, company_id in zip(lines, companies, strict=True)
        for mention in _people(line.application, company_id)
    ]
    people = iter(get_or_create_people(session, mentions))
    rows: dict[type[TenantModel], list[Columns]] = {
        table: []
        for table in (ApplicationRow, StageChangeRow, InterviewRow, PanelMemberRow, SignalSheetRow)
    }
    for line, company_id in zip(lines, companies, strict=True):
        for table, row in _rows(session, line, company_id, people):
            rows[table].append({"candidate_id": session.caller.member_id, **row})
    for table, rows_of_table in rows.items():
        session.add_all(table, rows_of_table)


def _people(application: PastApplication, company_id: CompanyId) -> Iterator[PersonAtCompany]:
    """Yield the people of an application, in the order in which `_rows` takes them."""
    if application.hiring_manager:
        yield application.hiring_manager, company_id
    if application.recruiter:
        yield application.recruiter, None
    for interview in application.interviews:
        for member in interview.panel:
            yield PersonInput.model_construct(**member.model_dump(include=_PERSON_FIELDS)), None


def _rows(
    session: WriteSession, line: ParsedLine, company_id: CompanyId, people: Iterator[PersonId]
) -> Iterator[tuple[type[TenantModel], Columns]]:
    """Yield every row of one application, and publish its event."""
    application = line.application
    application_id = ApplicationId(session.new_id(ApplicationRow.id_prefix))
    starts = list(_starts(application))
    changes = _stage_changes(application, starts, session.now)
    outcome = application.outcome
    yield (
        ApplicationRow,
        application.columns(without=_NOT_COLUMNS)
        | {
            "id": application_id,
            "company_id": company_id,
            "hiring_manager_id": next(people) if application.hiring_manager else None,
            "recruiter_id": next(people) if application.recruiter else None,
            "recruiter_member_id": None,
            "stage": changes[-1][1] if changes else Stage.APPLIED,
            "status": Status(outcome) if outcome else Status.ACTIVE,
            "outcome_known_on": (application.known_on or session.now.date()) if outcome else None,
            "outcome_recorded_at": session.now if outcome else None,
            "external_id": application.external_id,
            "imported_digest": line.digest,
        },
    )
    for before, after, at in changes:
        yield (
            StageChangeRow,
            {
                "application_id": application_id,
                "stage_before": before,
                "stage_after": after,
                "changed_at": at,
            },
        )
    for interview, starts_at in zip(application.interviews, starts, strict=True):
        yield from _interview_rows(session, application_id, interview, starts_at, people)
    outcome_name = outcome.value if outcome else None
    session.publish(ApplicationImported(session.caller.member_id, application_id, outcome_name))


def _interview_rows(
    session: WriteSession,
    application_id: ApplicationId,
    interview: PastInterview,
    starts_at: datetime,
    people: Iterator[PersonId],
) -> Iterator[tuple[type[TenantModel], Columns]]:
    interview_id = session.new_id(InterviewRow.id_prefix)
    not_columns = frozenset({"panel", "signals", "signal_notes", "starts_at"})
    ids = {"id": interview_id, "application_id": application_id, "starts_at": starts_at}
    yield InterviewRow, interview.columns(without=not_columns) | ids
    for place, member in enumerate(interview.panel):
        yield (
            PanelMemberRow,
            {
                "interview_id": interview_id,
                "person_id": next(people),
                "place": place,
                "seniority": member.seniority,
                "has_final_say": member.has_final_say,
            },
        )
    observed = interview.signals.observed()
    if observed or interview.signal_notes:
        yield (
            SignalSheetRow,
            {
                "application_id": application_id,
                "interview_id": interview_id,
                "signals": {signal.value: level.value for signal, level in observed.items()},
                "notes": {signal.value: note for signal, note in interview.signal_notes.items()},
            },
        )


def _starts(application: PastApplication) -> Iterator[datetime]:
    """Yield the start of each interview; one without is as early as the one before it."""
    latest = start_of_day_utc(application.applied_on)
    for interview in application.interviews:
        latest = interview.starts_at or latest
        yield latest


def _stage_changes(
    application: PastApplication, starts: Iterable[datetime], now: datetime
) -> list[tuple[Stage, Stage, datetime]]:
    """Return the changes of stage: before, after and when; the last one leads to today's stage.

    A stage given in the line is today's stage, whatever its interviews and outcome suggest.
    """
    reached = [
        (STAGE_OF_ROUND[interview.round], min(at, now))
        for interview, at in zip(application.interviews, starts, strict=True)
        if interview.state is not InterviewState.CANCELLED
    ]
    changes: list[tuple[Stage, Stage, datetime]] = []
    stage = Stage.APPLIED
    for after, at in sorted(reached, key=lambda change: change[1]):
        if stage.is_before(after):
            changes.append((stage, after, at))
            stage = after
    final = STAGE_AFTER_OUTCOME[application.outcome] if application.outcome else stage
    if "stage" in application.model_fields_set:
        final = application.stage
    if final is not stage:
        known = application.known_on
        changes.append((stage, final, min(start_of_day_utc(known), now) if known else now))
    return changes
