"""Find the company or person a candidate names, or write them down on first mention."""

from app.core.work import Writing
from app.kit.ids import CompanyId, PersonId
from app.people.models import CompanyRow, PersonRow
from app.people.repository import COMPANY_BY_NAME, PERSON_BY_IDENTITY
from app.people.schemas import CompanyNamed, PersonNamed

_DETAILS = ("title", "email", "phone", "profile_url")


def know_company(work: Writing, named: CompanyNamed) -> CompanyId:
    """Return the company of this name, made on first mention."""
    key = name_key(named.name)
    known = work.find(COMPANY_BY_NAME, name_key=key)
    if known is None:
        return CompanyId(
            work.add(
                CompanyRow,
                candidate_id=work.caller.member_id,
                name=named.name,
                name_key=key,
                website=named.website,
            )
        )
    if named.website and named.website != known.website:
        work.update(CompanyRow, known, website=named.website)
    return known.id


def know_person(work: Writing, named: PersonNamed, company_id: CompanyId | None) -> PersonId:
    """Return the person so named, made on first mention; new details are added to known ones.

    People are the same when their e-mail address is, or, without one, when name
    and company are.
    """
    key = _identity_key(named, company_id)
    known = work.find(PERSON_BY_IDENTITY, identity_key=key)
    if known is None:
        return PersonId(
            work.add(
                PersonRow,
                candidate_id=work.caller.member_id,
                company_id=company_id,
                identity_key=key,
                **named.columns(),
            )
        )
    news = {
        name: value
        for name in _DETAILS
        if (value := getattr(named, name)) and value != getattr(known, name)
    }
    if news:
        work.update(PersonRow, known, **news)
    return known.id


def name_key(name: str) -> str:
    """Return the name as it is compared: without regard to case and spacing."""
    return " ".join(name.casefold().split())


def _identity_key(named: PersonNamed, company_id: CompanyId | None) -> str:
    if named.email:
        return f"mail:{named.email.casefold()}"
    return f"name:{name_key(named.name)}@{company_id or ''}"
