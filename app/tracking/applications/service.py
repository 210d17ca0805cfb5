"""What a candidate can do with applications."""

from datetime import date, datetime, timedelta

from app.core.http.pagination import fetch_page
from app.core.http.representations import Versioned, etag_of
from app.core.http.schemas import Columns, Money, Page
from app.core.persistence.tenancy import TenantQuery
from app.core.problems import FieldError, InvalidInput
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.ids import ApplicationId, CompanyId, MemberId, PersonId, is_id
from app.tracking.applications import presenters
from app.tracking.applications.events import (
    ApplicationCreated,
    ApplicationDeleted,
    ApplicationOutcomeRecorded,
    ApplicationOutcomeTakenBack,
    ApplicationStageChanged,
    ApplicationWithdrawn,
    ConsentGiven,
    ConsentWithdrawn,
    InterestChanged,
)
from app.tracking.applications.lifecycle import (
    APPLICATION,
    STAGE_AFTER_OUTCOME,
    Move,
    Outcome,
    Stage,
    Status,
)
from app.tracking.applications.models import ApplicationRow, StageChangeRow
from app.tracking.applications.problems import (
    ApplicationNotFound,
    OutcomeAlreadyRecorded,
    OutcomeNotFound,
    RecruiterUnknown,
)
from app.tracking.applications.repository import (
    APPLICATION_BY_ID,
    APPLICATION_SUMMARY,
    LAST_OPEN_STAGE,
    RECRUITER_BY_ID,
    applications,
)
from app.tracking.applications.schemas import (
    Application,
    ApplicationCreate,
    ApplicationSort,
    ApplicationUpdate,
    OutcomePut,
    OutcomeRecorded,
)
from app.tracking.people.schemas import PersonInput
from app.tracking.people.service import get_or_create_company, get_or_create_person, normalize_name

_FARTHEST_EAST = timedelta(hours=14)  # the offset from UTC of whoever has a new day first


def get(work: ReadSession, application_id: ApplicationId) -> ApplicationRow:
    """Return the application; raise ApplicationNotFound when this caller sees none."""
    return _find(work, APPLICATION_BY_ID, application_id)


def get_summary(work: ReadSession, application_id: ApplicationId) -> ApplicationRow:
    """Return whose application it is and how it stands; raise ApplicationNotFound as `get` does."""
    return _find(work, APPLICATION_SUMMARY, application_id)


def show(work: ReadSession, application_id: ApplicationId) -> Versioned[Application]:
    """Show one application."""
    return presenters.versioned(get(work, application_id))


def list_(
    work: ReadSession,
    *,
    status: Status | None,
    stage: Stage | None,
    company: str | None,
    sort: ApplicationSort,
    limit: int,
    cursor: str | None,
) -> Page[Application]:
    """Show one page of the caller's applications."""
    filters = {"status": status, "stage": stage} | _company_filter(company)
    given = {name: str(value) for name, value in filters.items() if value is not None}
    return fetch_page(
        work,
        applications(frozenset(given), sort),
        presenters.applications,
        filters=given,
        limit=limit,
        cursor=cursor,
    )


def create(work: WriteSession, wanted: ApplicationCreate) -> Versioned[Application]:
    """Enter a new application."""
    company_id = get_or_create_company(work, wanted.company)
    application_id = ApplicationId(
        work.add(
            ApplicationRow,
            candidate_id=work.caller.member_id,
            status=Status.ACTIVE.value,
            external_id=None,
            imported_digest=None,
            **_columns(work, wanted, company_id),
        )
    )
    work.publish(ApplicationCreated(work.caller.member_id, application_id))
    if wanted.shared_with is not None:
        work.publish(ConsentGiven(work.caller.member_id, application_id))
    return show(work, application_id)


def update(
    work: WriteSession, application_id: ApplicationId, wanted: ApplicationUpdate
) -> Versioned[Application]:
    """Change what the candidate names, and leave the rest."""
    row = get(work, application_id)
    work.check_precondition(presenters.tag(row))
    names_company = "company" in wanted.model_fields_set
    company_id = get_or_create_company(work, wanted.company) if names_company else row.company_id
    changes = _columns(work, wanted, company_id)
    _keep_stage_history(work, row, Stage(changes.get("stage", row.stage)))
    is_changed = work.update(ApplicationRow, row, **changes)
    if not is_changed and presenters.tag(get(work, application_id)) != presenters.tag(row):
        work.force_update(ApplicationRow, row)  # somebody whom it names is known better now
    _tell_recruiters(work, row, changes)
    return show(work, application_id)


def delete(work: WriteSession, application_id: ApplicationId) -> None:
    """Delete the application with its interviews, signals, estimates, feedback and assessment."""
    row = get(work, application_id)
    work.check_precondition(presenters.tag(row))
    work.delete(ApplicationRow, row)
    recruiter = row.recruiter_member_id  # there is no application left to tell it
    work.publish(ApplicationDeleted(row.candidate_id, application_id, recruiter=recruiter))


def advance_stage(work: WriteSession, application_id: ApplicationId, stage: Stage) -> None:
    """Move the application forward to this stage; one that is further stays where it is."""
    row = get(work, application_id)
    if Stage(row.stage).is_before(stage):
        _keep_stage_history(work, row, stage)
        work.update(ApplicationRow, row, stage=stage.value)


def show_outcome(work: ReadSession, application_id: ApplicationId) -> Versioned[OutcomeRecorded]:
    """Show the outcome; raise OutcomeNotFound while there is none."""
    row = get(work, application_id)
    if row.status == Status.ACTIVE:
        raise OutcomeNotFound
    return presenters.outcome(row)


def record_outcome(
    work: WriteSession, application_id: ApplicationId, wanted: OutcomePut
) -> Versioned[OutcomeRecorded]:
    """Record what came of it; the same again changes nothing, another needs `If-Match`."""
    row = get(work, application_id)
    known_on = wanted.known_on or work.now.date()
    if untimely := check_known_on(known_on, work.now):
        raise InvalidInput(faults=untimely)
    if row.status != Status.ACTIVE:
        if _is_recorded(row, wanted):
            return presenters.outcome(row)
        if work.conditions.match is None:
            raise OutcomeAlreadyRecorded(recorded=row.status)
        work.check_precondition(etag_of(row.version))
        status = APPLICATION.next_state(Status(row.status), Move.TAKE_BACK)
    else:
        work.check_precondition(None)
        status = Status.ACTIVE
    _close(work, row, APPLICATION.next_state(status, Move[wanted.outcome.name]), wanted, known_on)
    return presenters.outcome(get(work, application_id))


def retract_outcome(work: WriteSession, application_id: ApplicationId) -> None:
    """Remove an outcome that turned out to be wrong; the stage is the one before it again."""
    row = get(work, application_id)
    if row.status == Status.ACTIVE:
        raise OutcomeNotFound
    work.check_precondition(etag_of(row.version))
    stage = _stage_before_outcome(work, row)
    _keep_stage_history(work, row, stage)
    work.update(
        ApplicationRow,
        row,
        status=APPLICATION.next_state(Status(row.status), Move.TAKE_BACK).value,
        stage=stage.value,
        outcome_known_on=None,
        outcome_recorded_at=None,
    )
    work.publish(ApplicationOutcomeTakenBack(row.candidate_id, application_id))


def check_known_on(known_on: date | None, now: datetime) -> list[FieldError]:
    """Return what is wrong with the day of an outcome: that it has come nowhere yet."""
    if known_on is None or known_on <= (now + _FARTHEST_EAST).date():
        return []
    detail = "nobody knows an outcome before its day; leave it out for today"
    return [FieldError("#/known_on", "in_the_future", detail)]


def check_salary_range(salary: Money | None) -> list[FieldError]:
    """Return what is wrong with a span of money: that it ends below where it begins."""
    if salary is None or salary.maximum is None or salary.minimum <= salary.maximum:
        return []
    detail = "less than `minimum`; swap the two, or leave it out for an exact amount"
    return [FieldError("#/salary/maximum", "reversed", detail)]


def _find(
    work: ReadSession, query: TenantQuery[ApplicationRow], application_id: ApplicationId
) -> ApplicationRow:
    row = work.one_or_none(query, id=application_id)
    if row is None:
        raise ApplicationNotFound
    return row


def _is_recorded(row: ApplicationRow, wanted: OutcomePut) -> bool:
    same_day = wanted.known_on is None or wanted.known_on == row.outcome_known_on
    return row.status == wanted.outcome.value and same_day


def _close(
    work: WriteSession, row: ApplicationRow, status: Status, wanted: OutcomePut, known_on: date
) -> None:
    stage = STAGE_AFTER_OUTCOME[wanted.outcome]
    _keep_stage_history(work, row, stage)
    work.update(
        ApplicationRow,
        row,
        status=status.value,
        stage=stage.value,
        outcome_known_on=known_on,
        outcome_recorded_at=work.now,
    )
    work.publish(
        ApplicationOutcomeRecorded(
            row.candidate_id,
            row.id,
            wanted.outcome.value,
            known_on.isoformat(),
            is_correction=row.status != Status.ACTIVE,
        )
    )
    if wanted.outcome is Outcome.WITHDRAWN:
        work.publish(ApplicationWithdrawn(row.candidate_id, row.id))


def _stage_before_outcome(work: ReadSession, row: ApplicationRow) -> Stage:
    """Return the stage that the outcome found, or the present one where the candidate set that."""
    if row.stage != STAGE_AFTER_OUTCOME[Outcome(row.status)]:
        return Stage(row.stage)
    found = work.one_or_none(LAST_OPEN_STAGE, application_id=row.id)
    return Stage(found.stage_before) if found and found.stage_before else Stage(row.stage)


def _tell_recruiters(work: WriteSession, row: ApplicationRow, changes: Columns) -> None:
    """Announce what a recruiter has to know of a change, one who loses sight of it first."""
    before = row.recruiter_member_id
    after = changes.get("recruiter_member_id", before)
    if before not in {None, after}:
        work.publish(ConsentWithdrawn(row.candidate_id, row.id, recruiter=before))
    if after not in {None, before}:
        work.publish(ConsentGiven(row.candidate_id, row.id))
    if changes.get("interest", row.interest) != row.interest:
        work.publish(InterestChanged(row.candidate_id, row.id, changes["interest"]))


def _keep_stage_history(work: WriteSession, row: ApplicationRow, stage: Stage) -> None:
    if row.stage == stage:
        return
    work.add(
        StageChangeRow,
        candidate_id=row.candidate_id,
        application_id=row.id,
        stage_before=row.stage,
        stage_after=stage.value,
        changed_at=work.now,
    )
    work.publish(ApplicationStageChanged(row.candidate_id, row.id, row.stage, stage.value))


_NAMED = frozenset({"company", "hiring_manager", "recruiter", "shared_with"})


def _columns(
    work: WriteSession, wanted: ApplicationCreate | ApplicationUpdate, company_id: CompanyId
) -> Columns:
    """Return column values: all of a new application, what was given of a changed one."""
    if faults := check_salary_range(wanted.salary):
        raise InvalidInput(faults=faults)
    is_change = isinstance(wanted, ApplicationUpdate)
    given = wanted.model_fields_set if is_change else set(ApplicationCreate.model_fields)
    columns = wanted.columns(given=is_change, without=_NAMED) | {"company_id": company_id}
    if "applied_on" in given:
        columns["applied_on"] = wanted.applied_on or work.now.date()
    if "hiring_manager" in given:
        columns["hiring_manager_id"] = _person(work, wanted.hiring_manager, company_id)
    if "recruiter" in given:
        # A recruiter often works for an agency: only the hiring manager surely is of the company.
        columns["recruiter_id"] = _person(work, wanted.recruiter, None)
    if "shared_with" in given:
        columns["recruiter_member_id"] = _recruiter_member(work, wanted.shared_with)
    return columns


def _person(
    work: WriteSession, named: PersonInput | None, company_id: CompanyId | None
) -> PersonId | None:
    return get_or_create_person(work, named, company_id) if named else None


def _recruiter_member(work: WriteSession, member_id: MemberId | None) -> MemberId | None:
    if member_id is None or _is_recruiter(work, member_id):
        return member_id
    detail = "not a recruiter of this workspace; leave it out, or ask for the right id"
    raise RecruiterUnknown(faults=[FieldError("#/shared_with", "recruiter_unknown", detail)])


def _is_recruiter(work: WriteSession, member_id: MemberId) -> bool:
    return work.one_or_none(RECRUITER_BY_ID, recruiter_id=member_id) is not None


def _company_filter(company: str | None) -> dict[str, str]:
    if company is None:
        return {}
    key = "company_id" if is_id("co", company) else "company_name"
    return {key: company if key == "company_id" else normalize_name(company)}
