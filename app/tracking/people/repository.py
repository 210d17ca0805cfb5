"""Queries over companies and people."""

from typing import NamedTuple

from sqlalchemy import bindparam, select

from app.core.persistence.tenancy import TenantQuery
from app.kit.ids import CompanyId, PersonId
from app.tracking.people.models import CompanyRow, PersonRow


class CompanyMatch(NamedTuple):
    """A company that matches a name."""

    id: CompanyId
    version: int
    name_key: str
    website: str | None


class PersonMatch(NamedTuple):
    """A person who matches an identity key."""

    id: PersonId
    version: int
    identity_key: str
    title: str | None
    email: str | None
    phone: str | None
    profile_url: str | None


_COMPANY = select(*CompanyRow.columns_of(CompanyMatch))
_PERSON = select(*PersonRow.columns_of(PersonMatch))

COMPANY_BY_NAME = TenantQuery(
    CompanyRow, CompanyMatch, _COMPANY.where(CompanyRow.name_key == bindparam("name_key"))
)

COMPANIES_BY_NAME = TenantQuery(
    CompanyRow,
    CompanyMatch,
    _COMPANY.where(CompanyRow.name_key.in_(bindparam("name_keys", expanding=True))),
)

PERSON_BY_IDENTITY = TenantQuery(
    PersonRow, PersonMatch, _PERSON.where(PersonRow.identity_key == bindparam("identity_key"))
)

PEOPLE_BY_IDENTITY = TenantQuery(
    PersonRow,
    PersonMatch,
    _PERSON.where(PersonRow.identity_key.in_(bindparam("identity_keys", expanding=True))),
)
