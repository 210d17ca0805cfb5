"""What a candidate can do with applications."""

from datetime import date, datetime, timedelta

from app.core.http.pagination import page
from app.core.http.representations import Versioned, tag_of
from app.core.http.schemas import Columns, Money, Page
from app.core.persistence.tenancy import Query
from app.core.problems import Fault, InvalidInput
from app.core.unit_of_work.session import Reading, Writing
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
    LAST_UNDECIDED,
    RECRUITER_BY_ID,
    STANDING,
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
from app.tracking.people.schemas import PersonNamed
from app.tracking.people.service import know_company, know_person, name_key

_FARTHEST_EAST = timedelta(hours=14)  # the offset from UTC of whoever has a new day first


def get(work: Reading, application_id: ApplicationId) -> ApplicationRow:
    """Return the application; raise ApplicationNotFound when this caller sees none."""
    return _find(work, APPLICATION_BY_ID, application_id)


def standing(work: Reading, application_id: ApplicationId) -> ApplicationRow:
    """Return whose application it is and how it stands; raise ApplicationNotFound as `get` does."""
    return _find(work, STANDING, application_id)


def show(work: Reading, application_id: ApplicationId) -> Versioned[Application]:
    """Show one application."""
    return presenters.versioned(get(work, application_id))


def list_(
    work: Reading,
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
    return page(
        work,
        applications(frozenset(given), sort),
        presenters.applications,
        filters=given,
        limit=limit,
        cursor=cursor,
    )


def apply(work: Writing, wanted: ApplicationCreate) -> Versioned[Application]:
    """Enter a new application."""
    company_id = know_company(work, wanted.company)
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
    work.announce(ApplicationCreated(work.caller.member_id, application_id))
    if wanted.shared_with is not None:
        work.announce(ConsentGiven(work.caller.member_id, application_id))
    return show(work, application_id)


def revise(
    work: Writing, application_id: ApplicationId, wanted: ApplicationUpdate
) -> Versioned[Application]:
    """Change what the candidate names, and leave the rest."""
    row = get(work, application_id)
    work.expect(presenters.tag(row))
    names_company = "company" in wanted.model_fields_set
    company_id = know_company(work, wanted.company) if names_company else row.company_id
    changes = _columns(work, wanted, company_id)
    _keep_stage_history(work, row, Stage(changes.get("stage", row.stage)))
    is_changed = work.update(ApplicationRow, row, **changes)
    if not is_changed and presenters.tag(get(work, application_id)) != presenters.tag(row):
        work.renew(ApplicationRow, row)  # somebody whom it names is known better now
    _tell_recruiters(work, row, changes)
    return show(work, application_id)


def remove(work: Writing, application_id: ApplicationId) -> None:
    """Delete the application with its interviews, signals, estimates, feedback and assessment."""
    row = get(work, application_id)
    work.expect(presenters.tag(row))
    work.delete(ApplicationRow, row)
    recruiter = row.recruiter_member_id  # there is no application left to tell it
    work.announce(ApplicationDeleted(row.candidate_id, application_id, recruiter=recruiter))


def reach(work: Writing, application_id: ApplicationId, stage: Stage) -> None:
    """Move the application forward to this stage; one that is further stays where it is."""
    row = get(work, application_id)
    if Stage(row.stage).is_before(stage):
        _keep_stage_history(work, row, stage)
        work.update(ApplicationRow, row, stage=stage.value)


def show_outcome(work: Reading, application_id: ApplicationId) -> Versioned[OutcomeRecorded]:
    """Show the outcome; raise OutcomeNotFound while there is none."""
    row = get(work, application_id)
    if row.status == Status.ACTIVE:
        raise OutcomeNotFound
    return presenters.outcome(row)


def record_outcome(
    work: Writing, application_id: ApplicationId, wanted: OutcomePut
) -> Versioned[OutcomeRecorded]:
    """Record what came of it; the same again changes nothing, another needs `If-Match`."""
    row = get(work, application_id)
    known_on = wanted.known_on or work.now.date()
    if untimely := untimely_outcome(known_on, work.now):
        raise InvalidInput(faults=untimely)
    if row.status != Status.ACTIVE:
        if _is_recorded(row, wanted):
            return presenters.outcome(row)
        if work.conditions.match is None:
            raise OutcomeAlreadyRecorded(recorded=row.status)
        work.expect(tag_of(row.version))
        status = APPLICATION.after(Status(row.status), Move.TAKE_BACK)
    else:
        work.expect(None)
        status = Status.ACTIVE
    _close(work, row, APPLICATION.after(status, Move[wanted.outcome.name]), wanted, known_on)
    return presenters.outcome(get(work, application_id))


def take_outcome_back(work: Writing, application_id: ApplicationId) -> None:
    """Remove an outcome that turned out to be wrong; the stage is the one before it again."""
    row = get(work, application_id)
    if row.status == Status.ACTIVE:
        raise OutcomeNotFound
    work.expect(tag_of(row.version))
    stage = _stage_before_outcome(work, row)
    _keep_stage_history(work, row, stage)
    work.update(
        ApplicationRow,
        row,
        status=APPLICATION.after(Status(row.status), Move.TAKE_BACK).value,
        stage=stage.value,
        outcome_known_on=None,
        outcome_recorded_at=None,
    )
    work.announce(ApplicationOutcomeTakenBack(row.candidate_id, application_id))


def untimely_outcome(known_on: date | None, now: datetime) -> list[Fault]:
    """Return what is wrong with the day of an outcome: that it has come nowhere yet."""
    if known_on is None or known_on <= (now + _FARTHEST_EAST).date():
        return []
    detail = "nobody knows an outcome before its day; leave it out for today"
    return [Fault("#/known_on", "in_the_future", detail)]


def reversed_salary(salary: Money | None) -> list[Fault]:
    """Return what is wrong with a span of money: that it ends below where it begins."""
    if salary is None or salary.maximum is None or salary.minimum <= salary.maximum:
        return []
    detail = "less than `minimum`; swap the two, or leave it out for an exact amount"
    return [Fault("#/salary/maximum", "reversed", detail)]


def _find(
    work: Reading, query: Query[ApplicationRow], application_id: ApplicationId
) -> ApplicationRow:
    row = work.find(query, id=application_id)
    if row is None:
        raise ApplicationNotFound
    return row


def _is_recorded(row: ApplicationRow, wanted: OutcomePut) -> bool:
    same_day = wanted.known_on is None or wanted.known_on == row.outcome_known_on
    return row.status == wanted.outcome.value and same_day


def _close(
    work: Writing, row: ApplicationRow, status: Status, wanted: OutcomePut, known_on: date
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
    work.announce(
        ApplicationOutcomeRecorded(
            row.candidate_id,
            row.id,
            wanted.outcome.value,
            known_on.isoformat(),
            is_correction=row.status != Status.ACTIVE,
        )
    )
    if wanted.outcome is Outcome.WITHDRAWN:
        work.announce(ApplicationWithdrawn(row.candidate_id, row.id))


def _stage_before_outcome(work: Reading, row: ApplicationRow) -> Stage:
    """Return the stage that the outcome found, or the present one where the candidate set that."""
    if row.stage != STAGE_AFTER_OUTCOME[Outcome(row.status)]:
        return Stage(row.stage)
    found = work.find(LAST_UNDECIDED, application_id=row.id)
    return Stage(found.stage_before) if found and found.stage_before else Stage(row.stage)


def _tell_recruiters(work: Writing, row: ApplicationRow, changes: Columns) -> None:
    """Announce what a recruiter has to know of a change, one who loses sight of it first."""
    before = row.recruiter_member_id
    after = changes.get("recruiter_member_id", before)
    if before not in {None, after}:
        work.announce(ConsentWithdrawn(row.candidate_id, row.id, recruiter=before))
    if after not in {None, before}:
        work.announce(ConsentGiven(row.candidate_id, row.id))
    if changes.get("interest", row.interest) != row.interest:
        work.announce(InterestChanged(row.candidate_id, row.id, changes["interest"]))


def _keep_stage_history(work: Writing, row: ApplicationRow, stage: Stage) -> None:
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
    work.announce(ApplicationStageChanged(row.candidate_id, row.id, row.stage, stage.value))


_NAMED = frozenset({"company", "hiring_manager", "recruiter", "shared_with"})


def _columns(
    work: Writing, wanted: ApplicationCreate | ApplicationUpdate, company_id: CompanyId
) -> Columns:
    """Return column values: all of a new application, what was given of a changed one."""
    if faults := reversed_salary(wanted.salary):
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
    work: Writing, named: PersonNamed | None, company_id: CompanyId | None
) -> PersonId | None:
    return know_person(work, named, company_id) if named else None


def _recruiter_member(work: Writing, member_id: MemberId | None) -> MemberId | None:
    if member_id is None or _is_recruiter(work, member_id):
        return member_id
    detail = "not a recruiter of this workspace; leave it out, or ask for the right id"
    raise RecruiterUnknown(faults=[Fault("#/shared_with", "recruiter_unknown", detail)])


def _is_recruiter(work: Writing, member_id: MemberId) -> bool:
    return work.find(RECRUITER_BY_ID, recruiter_id=member_id) is not None


def _company_filter(company: str | None) -> dict[str, str]:
    if company is None:
        return {}
    key = "company_id" if is_id("co", company) else "company_name"
    return {key: company if key == "company_id" else name_key(company)}
