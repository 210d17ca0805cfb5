"""Every query over companies and people."""

from sqlalchemy import bindparam, select

from app.core.persistence.tenancy import TenantQuery
from app.tracking.people.models import CompanyRow, PersonRow

COMPANY_BY_NAME = TenantQuery(
    CompanyRow,
    select(CompanyRow.id, CompanyRow.version, CompanyRow.website).where(
        CompanyRow.name_key == bindparam("name_key")
    ),
)

COMPANIES_BY_NAME = TenantQuery(
    CompanyRow,
    select(CompanyRow.id, CompanyRow.version, CompanyRow.name_key, CompanyRow.website).where(
        CompanyRow.name_key.in_(bindparam("name_keys", expanding=True))
    ),
)

_PERSON = select(
    PersonRow.id,
    PersonRow.version,
    PersonRow.identity_key,
    PersonRow.title,
    PersonRow.email,
    PersonRow.phone,
    PersonRow.profile_url,
)

PERSON_BY_IDENTITY = TenantQuery(
    PersonRow, _PERSON.where(PersonRow.identity_key == bindparam("identity_key"))
)

PEOPLE_BY_IDENTITY = TenantQuery(
    PersonRow, _PERSON.where(PersonRow.identity_key.in_(bindparam("identity_keys", expanding=True)))
)
