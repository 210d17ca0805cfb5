"""Take past applications in, many at once: what is new is written, what is known stays as it is.

Rows are written straight into the tables of the rooms below, in as many statements as there are
tables; the services of those rooms would send some forty for each application. What they decide
about companies, people, stages and times is decided alike here.
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
    FaultOfLine,
    LineRefused,
    PastApplication,
    PastInterview,
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

_MOST_FAULTS = 10  # told of one line
_PERSON = set(PersonInput.model_fields)
_ELSEWHERE = frozenset(
    {
        "company", "hiring_manager", "recruiter", "interviews", "outcome", "known_on", "stage",
        "external_id",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A line that can be taken in as far as it can be told from itself."""

    number: int
    application: PastApplication
    digest: bytes  # of all that it says: the same however it is spelt


@dataclass(slots=True)
class ImportCounts:
    """What became of some lines."""

    taken_in: int = 0
    unchanged: int = 0
    refused: list[LineRefused] = field(default_factory=list)


def parsed_line(number: int, application: PastApplication) -> ParsedLine:
    """Return the line as an entry."""
    given = application.model_fields_set & {"stage"}  # left out, it follows from the rest
    said = application.model_dump(mode="json", exclude_none=True, exclude={"stage"} - given)
    return ParsedLine(number, application, _digest(said))


def rejected_line(number: int, faults: Sequence[FieldError]) -> LineRefused:
    """Return the line that tells of a refused line."""
    errors = [
        FaultOfLine(pointer=fault.pointer, code=fault.code, detail=fault.detail)
        for fault in faults[:_MOST_FAULTS]
    ]
    return LineRefused(line=number, errors=errors)


def import_batch(work: WriteSession, entries: Sequence[ParsedLine]) -> ImportCounts:
    """Write down every entry that is new; refuse one that differs from what is known."""
    tally = ImportCounts()
    known = _known(work, entries)
    fresh: dict[str, ParsedLine] = {}
    for each in entries:
        external_id = each.application.external_id
        first = fresh.get(external_id)
        if impossible := _impossible(each.application, work.now):
            tally.refused.append(rejected_line(each.number, impossible))
        elif external_id in known:
            _compare(tally, each, known[external_id])
        elif first is not None:
            _compare(tally, each, _Known(None, {first.digest}))
        else:
            fresh[external_id] = each
    _write(work, list(fresh.values()))
    tally.taken_in = len(fresh)
    return tally


# --- what is known ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    """An application that is here already, and digests of lines that say what it says."""

    id: ApplicationId | None
    digests: set[bytes]


def _known(work: ReadSession, entries: Sequence[ParsedLine]) -> dict[str, _Known]:
    """Return what is here of these entries, by external id."""
    digests = {each.application.external_id: each.digest for each in entries}
    own = [external_id for external_id in digests if is_id("app", external_id)]
    rows = [
        *work.all(BY_EXTERNAL_ID, ids=list(digests)),
        *(work.all(NOT_IMPORTED_BY_ID, ids=own) if own else ()),
    ]
    found = {row.external_id or row.id: row for row in rows}
    # Whatever was changed since it came in may come again as it is now: read it to compare.
    changed = [row.id for key, row in found.items() if row.imported_digest != digests[key]]
    now = {
        line["external_id"]: _digest(from_json(to_json(line))) for line in lines_of(work, changed)
    }
    return {
        key: _Known(row.id, {each for each in (row.imported_digest, now.get(key)) if each})
        for key, row in found.items()
    }


def _digest(said: Columns) -> bytes:
    return bytes.fromhex(digest(said, length=64))


def _compare(tally: ImportCounts, each: ParsedLine, known: _Known) -> None:
    if each.digest in known.digests:
        tally.unchanged += 1
        return
    where = f"/v1/applications/{known.id}" if known.id else "an earlier line"
    detail = f"something else is here under this external_id ({where}); change it there"
    fault = FieldError("#/external_id", "line_changed", detail)
    tally.refused.append(rejected_line(each.number, [fault]))


def _impossible(application: PastApplication, now: datetime) -> list[FieldError]:
    """Return what cannot have been: an outcome or interview of the future, or one of days."""
    found = check_salary_range(application.salary)
    found += check_known_on(application.known_on, now)
    for place, interview in enumerate(application.interviews):
        if interview.state is not InterviewState.CONCLUDED or interview.starts_at is None:
            continue
        pointer = f"#/interviews/{place}"
        if interview.starts_at > now + CLOCK_SKEW:
            detail = "this is ahead; one that is planned has the state `scheduled`"
            found.append(FieldError(f"{pointer}/starts_at", "not_held_yet", detail))
        ended_at = interview.ended_at
        if ended_at is not None and ended_at > latest_end(interview.starts_at, now):
            detail = "an interview ends within a day of its start, and not in the future"
            found.append(FieldError(f"{pointer}/ended_at", "end_not_possible", detail))
    return found


# --- what is written --------------------------------------------------------


def _write(work: WriteSession, entries: Sequence[ParsedLine]) -> None:
    companies = get_or_create_companies(work, [each.application.company for each in entries])
    met = [
        acquaintance
        for each, company_id in zip(entries, companies, strict=True)
        for acquaintance in _met(each.application, company_id)
    ]
    people = iter(get_or_create_people(work, met))
    rows: dict[type[TenantModel], list[Columns]] = {
        table: []
        for table in (ApplicationRow, StageChangeRow, InterviewRow, PanelMemberRow, SignalSheetRow)
    }
    for each, company_id in zip(entries, companies, strict=True):
        for table, row in _rows(work, each, company_id, people):
            rows[table].append({"candidate_id": work.caller.member_id, **row})
    for table, found in rows.items():
        work.add_all(table, found)


def _met(application: PastApplication, company_id: CompanyId) -> Iterator[PersonAtCompany]:
    """Yield everybody named, in the order in which `_rows` asks for them."""
    if application.hiring_manager:
        yield application.hiring_manager, company_id
    if application.recruiter:
        yield application.recruiter, None
    for interview in application.interviews:
        for seat in interview.panel:
            yield PersonInput.model_construct(**seat.model_dump(include=_PERSON)), None


def _rows(
    work: WriteSession, line: ParsedLine, company_id: CompanyId, people: Iterator[PersonId]
) -> Iterator[tuple[type[TenantModel], Columns]]:
    """Yield every row of one application, and announce it."""
    application = line.application
    identity = ApplicationId(work.new_id(ApplicationRow.id_prefix))
    starts = list(_starts(application))
    changes = _stage_changes(application, starts, work.now)
    outcome = application.outcome
    yield (
        ApplicationRow,
        application.columns(without=_ELSEWHERE)
        | {
            "id": identity,
            "company_id": company_id,
            "hiring_manager_id": next(people) if application.hiring_manager else None,
            "recruiter_id": next(people) if application.recruiter else None,
            "recruiter_member_id": None,
            "stage": changes[-1][1].value if changes else Stage.APPLIED.value,
            "status": outcome.value if outcome else Status.ACTIVE.value,
            "outcome_known_on": (application.known_on or work.now.date()) if outcome else None,
            "outcome_recorded_at": work.now if outcome else None,
            "external_id": application.external_id,
            "imported_digest": line.digest,
        },
    )
    for before, after, at in changes:
        yield (
            StageChangeRow,
            {
                "application_id": identity,
                "stage_before": before.value,
                "stage_after": after.value,
                "changed_at": at,
            },
        )
    for interview, starts_at in zip(application.interviews, starts, strict=True):
        yield from _rows_of_interview(work, identity, interview, starts_at, people)
    told = outcome.value if outcome else None
    work.publish(ApplicationImported(work.caller.member_id, identity, told))


def _rows_of_interview(
    work: WriteSession,
    application_id: ApplicationId,
    interview: PastInterview,
    starts_at: datetime,
    people: Iterator[PersonId],
) -> Iterator[tuple[type[TenantModel], Columns]]:
    identity = work.new_id(InterviewRow.id_prefix)
    within = frozenset({"panel", "signals", "signal_notes", "starts_at"})
    own = {"id": identity, "application_id": application_id, "starts_at": starts_at}
    yield InterviewRow, interview.columns(without=within) | own
    for place, seat in enumerate(interview.panel):
        yield (
            PanelMemberRow,
            {
                "interview_id": identity,
                "person_id": next(people),
                "place": place,
                "seniority": seat.seniority.value if seat.seniority else None,
                "has_final_say": seat.has_final_say,
            },
        )
    observed = interview.signals.observed()
    if observed or interview.signal_notes:
        yield (
            SignalSheetRow,
            {
                "application_id": application_id,
                "interview_id": identity,
                "signals": {signal.value: level.value for signal, level in observed.items()},
                "notes": {signal.value: note for signal, note in interview.signal_notes.items()},
            },
        )


def _starts(application: PastApplication) -> Iterator[datetime]:
    """Yield when each interview began; where that is not said, no earlier than the one before."""
    latest = start_of_day_utc(application.applied_on)
    for interview in application.interviews:
        latest = interview.starts_at or latest
        yield latest


def _stage_changes(
    application: PastApplication, starts: Iterable[datetime], now: datetime
) -> list[tuple[Stage, Stage, datetime]]:
    """Return the stages that it went through: before, after and when; the last is where it stands.

    A stage that the line gives is where it stands, whatever its interviews and outcome say.
    """
    reached = [
        (STAGE_OF_ROUND[interview.round], min(at, now))
        for interview, at in zip(application.interviews, starts, strict=True)
        if interview.state is not InterviewState.CANCELLED
    ]
    changes: list[tuple[Stage, Stage, datetime]] = []
    stage = Stage.APPLIED
    for after, at in sorted(reached, key=lambda each: each[1]):
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
