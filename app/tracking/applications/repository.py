"""Queries over applications."""

from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from app.accounts.models import MemberRow
from app.core.http.pagination import KeysetQuery, Order, keyset_query
from app.core.persistence.tenancy import AnySelect, Role, TenantQuery, on_same_workspace
from app.core.persistence.types import TypeIdType
from app.kit.ids import ApplicationId, CompanyId, MemberId, PersonId
from app.tracking.applications.lifecycle import TERMINAL_STAGES, Interest, Stage, Status
from app.tracking.applications.models import ApplicationRow, StageChangeRow
from app.tracking.applications.schemas import ApplicationSort, WorkMode
from app.tracking.people.models import CompanyRow, PersonRow

_MANAGER = aliased(PersonRow, name="manager")
_RECRUITER = aliased(PersonRow, name="recruiter")


class ApplicationRecord(NamedTuple):
    """An application with its company and people."""

    id: ApplicationId
    candidate_id: MemberId
    company_id: CompanyId
    job_title: str
    hiring_manager_id: PersonId | None
    recruiter_id: PersonId | None
    recruiter_member_id: MemberId | None
    source: str | None
    applied_on: date
    location: str | None
    work_mode: WorkMode | None
    posting_url: str | None
    salary: dict[str, Any] | None
    notes: str | None
    interest: Interest | None
    stage: Stage
    status: Status
    outcome_known_on: date | None
    outcome_recorded_at: datetime | None
    external_id: str | None
    created_at: datetime
    updated_at: datetime
    version: int
    company_name: str
    company_website: str | None
    company_version: int
    manager_name: str | None
    manager_title: str | None
    manager_email: str | None
    manager_phone: str | None
    manager_profile_url: str | None
    manager_version: int | None
    recruiter_name: str | None
    recruiter_title: str | None
    recruiter_email: str | None
    recruiter_phone: str | None
    recruiter_profile_url: str | None
    recruiter_version: int | None


class ApplicationSummary(NamedTuple):
    """The owner and status of an application, without its company and people."""

    id: ApplicationId
    candidate_id: MemberId
    status: Status
    outcome_recorded_at: datetime | None
    created_at: datetime


class ImportedApplication(NamedTuple):
    """The columns by which an application that was imported before is recognised."""

    id: ApplicationId
    external_id: str | None
    imported_digest: bytes | None


class StageBefore(NamedTuple):
    """The stage before a stage change."""

    stage_before: Stage | None


class MemberMatch(NamedTuple):
    """The id of a member that matches."""

    id: MemberId


_JOINED = (
    (CompanyRow, "company", ("name", "website", "version")),
    (_MANAGER, "manager", ("name", "title", "email", "phone", "profile_url", "version")),
    (_RECRUITER, "recruiter", ("name", "title", "email", "phone", "profile_url", "version")),
)


def _columns() -> list[Any]:
    joined = {
        f"{prefix}_{name}": getattr(table, name).label(f"{prefix}_{name}")
        for table, prefix, names in _JOINED
        for name in names
    }
    return [
        joined[name] if name in joined else getattr(ApplicationRow, name)
        for name in ApplicationRecord._fields
    ]


def _applications() -> AnySelect:
    row = ApplicationRow
    # Every application has a company, but with an inner join a planner may start with the
    # companies, visit all of them and sort the result for each page.
    return (
        select(*_columns())
        .select_from(row)
        .outerjoin(CompanyRow, on_same_workspace(row, CompanyRow, CompanyRow.id == row.company_id))
        .outerjoin(_MANAGER, on_same_workspace(row, _MANAGER, _MANAGER.id == row.hiring_manager_id))
        .outerjoin(
            _RECRUITER, on_same_workspace(row, _RECRUITER, _RECRUITER.id == row.recruiter_id)
        )
    )


LAST_OPEN_STAGE = TenantQuery(
    StageChangeRow,
    StageBefore,
    select(StageChangeRow.stage_before)
    .where(
        StageChangeRow.application_id == bindparam("application_id", type_=TypeIdType("app")),
        StageChangeRow.stage_before.is_not(None),
        StageChangeRow.stage_before.not_in(sorted(TERMINAL_STAGES)),
    )
    .order_by(StageChangeRow.id.desc())
    .limit(1),
)
"""The last stage of an application before its outcome."""

APPLICATION_BY_ID = TenantQuery(
    ApplicationRow, ApplicationRecord, _applications().where(ApplicationRow.id == bindparam("id"))
)

APPLICATION_SUMMARY = TenantQuery(
    ApplicationRow,
    ApplicationSummary,
    select(*ApplicationRow.columns_of(ApplicationSummary)).where(
        ApplicationRow.id == bindparam("id")
    ),
)

APPLICATIONS_AFTER = TenantQuery(
    ApplicationRow,
    ApplicationRecord,
    _applications()
    .where(ApplicationRow.id > bindparam("after"))
    .order_by(ApplicationRow.id)
    .limit(bindparam("limit")),
)

APPLICATIONS_BY_ID = TenantQuery(
    ApplicationRow,
    ApplicationRecord,
    _applications().where(ApplicationRow.id.in_(bindparam("ids", expanding=True))),
)

_IMPORTED = select(*ApplicationRow.columns_of(ImportedApplication))

BY_EXTERNAL_ID = TenantQuery(
    ApplicationRow,
    ImportedApplication,
    _IMPORTED.where(ApplicationRow.external_id.in_(bindparam("ids", expanding=True))),
)

# An application that was not imported is exported with its own id as external id.
NOT_IMPORTED_BY_ID = TenantQuery(
    ApplicationRow,
    ImportedApplication,
    _IMPORTED.where(
        ApplicationRow.id.in_(bindparam("ids", expanding=True)),
        ApplicationRow.external_id.is_(None),
    ),
)

RECRUITER_BY_ID = TenantQuery(
    MemberRow,
    MemberMatch,
    select(MemberRow.id).where(
        MemberRow.id == bindparam("recruiter_id"), MemberRow.role == Role.RECRUITER
    ),
)

RECRUITER_OF_APPLICATION = (
    select(ApplicationRow.recruiter_member_id)
    .where(
        ApplicationRow.workspace_id
        == bindparam("workspace", type_=ApplicationRow.workspace_id.type),
        ApplicationRow.id == bindparam("of_application", type_=TypeIdType("app")),
    )
    .scalar_subquery()
)
"""The recruiter with whom an application is shared, who may therefore see its events."""

_ORDERS = {
    ApplicationSort.NEWEST: Order(ApplicationRow.id, descending=True),
    ApplicationSort.OLDEST: Order(ApplicationRow.id),
    ApplicationSort.UPDATED_LAST: Order(ApplicationRow.updated_at, descending=True),
    ApplicationSort.UPDATED_FIRST: Order(ApplicationRow.updated_at),
    ApplicationSort.APPLIED_LAST: Order(ApplicationRow.applied_on, descending=True),
    ApplicationSort.APPLIED_FIRST: Order(ApplicationRow.applied_on),
}

_FILTERS: dict[str, Any] = {
    "status": ApplicationRow.status == bindparam("status"),
    "stage": ApplicationRow.stage == bindparam("stage"),
    "company_id": ApplicationRow.company_id == bindparam("company_id"),
    "company_name": CompanyRow.name_key == bindparam("company_name"),
}


@cache
def applications(filters: frozenset[str], sort: ApplicationSort) -> KeysetQuery[ApplicationRecord]:
    """Return the list query with these filters and this sort order."""
    criteria = [_FILTERS[name] for name in sorted(filters)]
    return keyset_query(
        ApplicationRow, ApplicationRecord, _applications().where(*criteria), _ORDERS[sort]
    )
