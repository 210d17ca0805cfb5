"""Applications: create, list, update, share, delete; record and retract the outcome."""

from datetime import date, datetime, timedelta

from app.core.http.pagination import fetch_page
from app.core.http.representations import Resource, ResourcePage
from app.core.http.schemas import Columns, Money
from app.core.problems import FieldError, InvalidInput
from app.core.unit_of_work.preconditions import etag_of
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.ids import ApplicationId, CompanyId, MemberId, PersonId, is_id
from app.tracking.applications import presenters
from app.tracking.applications.events import (
    ApplicationCreated,
    ApplicationDeleted,
    ApplicationOutcomeRecorded,
    ApplicationOutcomeRetracted,
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
    ApplicationRecord,
    ApplicationSummary,
    applications,
)
from app.tracking.applications.schemas import (
    ApplicationCreate,
    ApplicationSort,
    ApplicationUpdate,
    OutcomePut,
)
from app.tracking.people.schemas import PersonInput
from app.tracking.people.service import (
    get_or_create_company,
    get_or_create_person,
    normalize_name,
)

_LARGEST_UTC_OFFSET = timedelta(hours=14)


def get_summary(session: ReadSession, application_id: ApplicationId) -> ApplicationSummary:
    """Return the owner and status of the application; raise ApplicationNotFound."""
    return session.get(APPLICATION_SUMMARY, ApplicationNotFound, id=application_id)


def show(session: ReadSession, application_id: ApplicationId) -> Resource[ApplicationRecord]:
    """Show one application."""
    return presenters.application(_get(session, application_id))


def list_(
    session: ReadSession,
    *,
    status: Status | None,
    stage: Stage | None,
    company: str | None,
    sort: ApplicationSort,
    limit: int,
    cursor: str | None,
) -> ResourcePage[ApplicationRecord]:
    """Show one page of the caller's applications."""
    requested = {"status": status, "stage": stage} | _company_filter(company)
    filters = {name: value for name, value in requested.items() if value is not None}
    return fetch_page(
        session,
        applications(frozenset(filters), sort),
        presenters.APPLICATION,
        filters=filters,
        limit=limit,
        cursor=cursor,
    )


def create(session: WriteSession, body: ApplicationCreate) -> Resource[ApplicationRecord]:
    """Create an application."""
    company_id = get_or_create_company(session, body.company)
    application_id = ApplicationId(
        session.add(
            ApplicationRow,
            candidate_id=session.caller.member_id,
            status=Status.ACTIVE,
            external_id=None,
            imported_digest=None,
            **_columns(session, body, company_id),
        )
    )
    session.publish(ApplicationCreated(session.caller.member_id, application_id))
    if body.shared_with is not None:
        session.publish(ConsentGiven(session.caller.member_id, application_id))
    return show(session, application_id)


def update(
    session: WriteSession, application_id: ApplicationId, body: ApplicationUpdate
) -> Resource[ApplicationRecord]:
    """Change the fields that are sent."""
    row = _get_for_update(session, application_id)
    has_company = "company" in body.model_fields_set
    company_id = get_or_create_company(session, body.company) if has_company else row.company_id
    changes = _columns(session, body, company_id)
    _record_stage_change(session, row, changes.get("stage", row.stage))
    is_changed = session.update(ApplicationRow, row, **changes)
    if not is_changed and presenters.etag(_get(session, application_id)) != presenters.etag(row):
        session.force_update(ApplicationRow, row)  # the company or a person has new details
    _publish_changes(session, row, changes)
    return show(session, application_id)


def delete(session: WriteSession, application_id: ApplicationId) -> None:
    """Delete the application with its interviews, signals, estimates, feedback and assessment."""
    row = _get_for_update(session, application_id)
    session.delete(ApplicationRow, row)
    # The event names the recruiter, because the row from which to look them up is gone.
    recruiter = row.recruiter_member_id
    session.publish(ApplicationDeleted(row.candidate_id, application_id, recruiter=recruiter))


def advance_stage(session: WriteSession, application_id: ApplicationId, stage: Stage) -> None:
    """Move the application forward to this stage, never back."""
    row = _get(session, application_id)
    if row.stage.is_before(stage):
        _record_stage_change(session, row, stage)
        session.update(ApplicationRow, row, stage=stage)


def show_outcome(
    session: ReadSession, application_id: ApplicationId
) -> Resource[ApplicationRecord]:
    """Show the outcome; raise OutcomeNotFound while there is none."""
    row = _get(session, application_id)
    if row.status is Status.ACTIVE:
        raise OutcomeNotFound
    return presenters.outcome(row)


def record_outcome(
    session: WriteSession, application_id: ApplicationId, body: OutcomePut
) -> Resource[ApplicationRecord]:
    """Record the outcome; the same again changes nothing, another needs `If-Match`."""
    row = _get(session, application_id)
    known_on = body.known_on or session.now.date()
    if errors := check_known_on(known_on, session.now):
        raise InvalidInput(faults=errors)
    if row.status is not Status.ACTIVE:
        if _is_recorded(row, body):
            return presenters.outcome(row)
        if session.preconditions.match is None:
            raise OutcomeAlreadyRecorded(recorded=row.status)
        session.check_precondition(etag_of(row.version))
        status = APPLICATION.next_state(row.status, Move.TAKE_BACK)
    else:
        session.check_precondition(None)
        status = Status.ACTIVE
    status = APPLICATION.next_state(status, Move[body.outcome.name])
    _close(session, row, status, body.outcome, known_on)
    return presenters.outcome(_get(session, application_id))


def retract_outcome(session: WriteSession, application_id: ApplicationId) -> None:
    """Remove an outcome that was recorded by mistake, and restore the stage before it."""
    row = _get(session, application_id)
    if row.status is Status.ACTIVE:
        raise OutcomeNotFound
    session.check_precondition(etag_of(row.version))
    stage = _stage_before_outcome(session, row)
    _record_stage_change(session, row, stage)
    session.update(
        ApplicationRow,
        row,
        status=APPLICATION.next_state(row.status, Move.TAKE_BACK),
        stage=stage,
        outcome_known_on=None,
        outcome_recorded_at=None,
    )
    session.publish(ApplicationOutcomeRetracted(row.candidate_id, application_id))


def check_known_on(known_on: date | None, now: datetime) -> list[FieldError]:
    """Return an error for the day of an outcome when it has not begun in any time zone."""
    if known_on is None or known_on <= (now + _LARGEST_UTC_OFFSET).date():
        return []
    detail = "this day is in the future; leave it out for today"
    return [FieldError("#/known_on", "in_the_future", detail)]


def check_salary_range(salary: Money | None) -> list[FieldError]:
    """Return an error for a salary whose maximum is less than its minimum."""
    if salary is None or salary.maximum is None or salary.minimum <= salary.maximum:
        return []
    detail = "less than `minimum`; swap the two, or leave it out for an exact amount"
    return [FieldError("#/salary/maximum", "reversed", detail)]


def _get(session: ReadSession, application_id: ApplicationId) -> ApplicationRecord:
    return session.get(APPLICATION_BY_ID, ApplicationNotFound, id=application_id)


def _get_for_update(session: WriteSession, application_id: ApplicationId) -> ApplicationRecord:
    return session.get_for_update(
        APPLICATION_BY_ID, ApplicationNotFound, etag=presenters.etag, id=application_id
    )


def _is_recorded(row: ApplicationRecord, body: OutcomePut) -> bool:
    is_same_day = body.known_on is None or body.known_on == row.outcome_known_on
    return row.status == body.outcome.value and is_same_day


def _close(
    session: WriteSession,
    row: ApplicationRecord,
    status: Status,
    outcome: Outcome,
    known_on: date,
) -> None:
    stage = STAGE_AFTER_OUTCOME[outcome]
    _record_stage_change(session, row, stage)
    session.update(
        ApplicationRow,
        row,
        status=status,
        stage=stage,
        outcome_known_on=known_on,
        outcome_recorded_at=session.now,
    )
    session.publish(
        ApplicationOutcomeRecorded(
            row.candidate_id,
            row.id,
            outcome.value,
            known_on.isoformat(),
            is_correction=row.status is not Status.ACTIVE,
        )
    )
    if outcome is Outcome.WITHDRAWN:
        session.publish(ApplicationWithdrawn(row.candidate_id, row.id))


def _stage_before_outcome(session: ReadSession, row: ApplicationRecord) -> Stage:
    """Return the stage before the outcome; the current one if the candidate set it since."""
    if row.stage is not STAGE_AFTER_OUTCOME[Outcome(row.status)]:
        return row.stage
    change = session.one_or_none(LAST_OPEN_STAGE, application_id=row.id)
    return change.stage_before if change and change.stage_before else row.stage


def _publish_changes(session: WriteSession, row: ApplicationRecord, changes: Columns) -> None:
    """Publish the changes that a recruiter may see; one who loses access is notified first."""
    before = row.recruiter_member_id
    after = changes.get("recruiter_member_id", before)
    if before not in {None, after}:
        session.publish(ConsentWithdrawn(row.candidate_id, row.id, recruiter=before))
    if after not in {None, before}:
        session.publish(ConsentGiven(row.candidate_id, row.id))
    if changes.get("interest", row.interest) != row.interest:
        session.publish(InterestChanged(row.candidate_id, row.id, changes["interest"]))


def _record_stage_change(session: WriteSession, row: ApplicationRecord, stage: Stage) -> None:
    if row.stage is stage:
        return
    session.add(
        StageChangeRow,
        candidate_id=row.candidate_id,
        application_id=row.id,
        stage_before=row.stage,
        stage_after=stage,
        changed_at=session.now,
    )
    session.publish(ApplicationStageChanged(row.candidate_id, row.id, row.stage, stage))


_REFERENCES = frozenset({"company", "hiring_manager", "recruiter", "shared_with"})


def _columns(
    session: WriteSession, body: ApplicationCreate | ApplicationUpdate, company_id: CompanyId
) -> Columns:
    """Return column values: all of a new application, those that were sent of a changed one."""
    if errors := check_salary_range(body.salary):
        raise InvalidInput(faults=errors)
    is_update = isinstance(body, ApplicationUpdate)
    given = body.model_fields_set if is_update else set(ApplicationCreate.model_fields)
    columns = body.columns(given=is_update, without=_REFERENCES) | {"company_id": company_id}
    if "applied_on" in given:
        columns["applied_on"] = body.applied_on or session.now.date()
    if "hiring_manager" in given:
        columns["hiring_manager_id"] = _person(session, body.hiring_manager, company_id)
    if "recruiter" in given:
        # A recruiter often works for an agency; only the hiring manager surely works there.
        columns["recruiter_id"] = _person(session, body.recruiter, None)
    if "shared_with" in given:
        columns["recruiter_member_id"] = _recruiter_member(session, body.shared_with)
    return columns


def _person(
    session: WriteSession, person: PersonInput | None, company_id: CompanyId | None
) -> PersonId | None:
    return get_or_create_person(session, person, company_id) if person else None


def _recruiter_member(session: WriteSession, member_id: MemberId | None) -> MemberId | None:
    if member_id is None:
        return None
    if session.one_or_none(RECRUITER_BY_ID, recruiter_id=member_id) is not None:
        return member_id
    detail = "not a recruiter of this workspace; leave it out, or ask for the right id"
    raise RecruiterUnknown(faults=[FieldError("#/shared_with", "recruiter_unknown", detail)])


def _company_filter(company: str | None) -> dict[str, str]:
    if company is None:
        return {}
    if is_id("co", company):
        return {"company_id": company}
    return {"company_name": normalize_name(company)}
