"""Every query over companies and people."""

from sqlalchemy import bindparam, select

from app.core.tenancy import Query
from app.people.models import CompanyRow, PersonRow

COMPANY_BY_NAME = Query(
    CompanyRow,
    select(CompanyRow.id, CompanyRow.version, CompanyRow.website).where(
        CompanyRow.name_key == bindparam("name_key")
    ),
)

PERSON_BY_IDENTITY = Query(
    PersonRow,
    select(
        PersonRow.id,
        PersonRow.version,
        PersonRow.title,
        PersonRow.email,
        PersonRow.phone,
        PersonRow.profile_url,
    ).where(PersonRow.identity_key == bindparam("identity_key")),
)
