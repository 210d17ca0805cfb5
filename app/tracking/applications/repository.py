"""Every query over applications."""

from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import aliased

from app.accounts.models import MemberRow
from app.core.http.pagination import KeysetQuery, Order, keyset_query
from app.core.persistence.tenancy import AnySelect, TenantQuery
from app.core.persistence.types import TypeIdType
from app.tracking.applications.lifecycle import TERMINAL_STAGES
from app.tracking.applications.models import ApplicationRow, StageChangeRow
from app.tracking.applications.schemas import ApplicationSort
from app.tracking.people.models import CompanyRow, PersonRow

_MANAGER = aliased(PersonRow, name="manager")
_RECRUITER = aliased(PersonRow, name="recruiter")


def _person(person: Any, prefix: str) -> list[Any]:  # noqa: ANN401 - an aliased table
    names = ("id", "name", "title", "email", "phone", "profile_url", "version")
    return [getattr(person, name).label(f"{prefix}_{name}") for name in names]


_COLUMNS: list[Any] = [
    *ApplicationRow.data_columns(),
    CompanyRow.name.label("company_name"),
    CompanyRow.website.label("company_website"),
    CompanyRow.version.label("company_version"),
    *(c for c in _person(_MANAGER, "manager") if c.name != "manager_id"),
    *(c for c in _person(_RECRUITER, "recruiter") if c.name != "recruiter_id"),
]


def _applications() -> AnySelect:
    own = ApplicationRow
    # Every application has a company. Joined from the outside all the same, because a planner may
    # otherwise begin with the companies, visit all of them and sort what it finds for each page.
    return (
        select(*_COLUMNS)
        .select_from(own)
        .outerjoin(
            CompanyRow,
            and_(CompanyRow.workspace_id == own.workspace_id, CompanyRow.id == own.company_id),
        )
        .outerjoin(
            _MANAGER,
            and_(_MANAGER.workspace_id == own.workspace_id, _MANAGER.id == own.hiring_manager_id),
        )
        .outerjoin(
            _RECRUITER,
            and_(_RECRUITER.workspace_id == own.workspace_id, _RECRUITER.id == own.recruiter_id),
        )
    )


LAST_OPEN_STAGE = TenantQuery(
    StageChangeRow,
    select(StageChangeRow.stage_before)
    .where(
        StageChangeRow.application_id == bindparam("application_id", type_=TypeIdType("app")),
        StageChangeRow.stage_before.is_not(None),
        StageChangeRow.stage_before.not_in(sorted(TERMINAL_STAGES)),
    )
    .order_by(StageChangeRow.id.desc())
    .limit(1),
)
"""The stage that an application had last before it was decided."""

APPLICATION_BY_ID = TenantQuery(
    ApplicationRow, _applications().where(ApplicationRow.id == bindparam("id"))
)

# Without the company and the people: for those who only want to know that it is there.
APPLICATION_SUMMARY = TenantQuery(
    ApplicationRow,
    select(
        ApplicationRow.id,
        ApplicationRow.candidate_id,
        ApplicationRow.status,
        ApplicationRow.outcome_recorded_at,
        ApplicationRow.created_at,
    ).where(ApplicationRow.id == bindparam("id")),
)

APPLICATIONS_AFTER = TenantQuery(
    ApplicationRow,
    _applications()
    .where(ApplicationRow.id > bindparam("after"))
    .order_by(ApplicationRow.id)
    .limit(bindparam("limit")),
)

APPLICATIONS_BY_ID = TenantQuery(
    ApplicationRow,
    _applications().where(ApplicationRow.id.in_(bindparam("ids", expanding=True))),
)

_AS_IMPORTED = select(ApplicationRow.id, ApplicationRow.external_id, ApplicationRow.imported_digest)

BY_EXTERNAL_ID = TenantQuery(
    ApplicationRow,
    _AS_IMPORTED.where(ApplicationRow.external_id.in_(bindparam("ids", expanding=True))),
)

# An application that was not imported goes by its own id elsewhere.
NOT_IMPORTED_BY_ID = TenantQuery(
    ApplicationRow,
    _AS_IMPORTED.where(
        ApplicationRow.id.in_(bindparam("ids", expanding=True)),
        ApplicationRow.external_id.is_(None),
    ),
)

RECRUITER_BY_ID = TenantQuery(
    MemberRow,
    select(MemberRow.id).where(
        MemberRow.id == bindparam("recruiter_id"), MemberRow.role == "recruiter"
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
"""The recruiter to whom an application is open, who is told of what happens to it."""

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
def applications(filters: frozenset[str], sort: ApplicationSort) -> KeysetQuery[ApplicationRow]:
    """Return the list with these filters in this order."""
    criteria = [_FILTERS[name] for name in sorted(filters)]
    return keyset_query(ApplicationRow, _applications().where(*criteria), _ORDERS[sort])
