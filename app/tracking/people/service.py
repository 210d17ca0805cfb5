"""Find the company or person a candidate names, or write them down on first mention."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from app.core.http.schemas import Columns, Schema
from app.core.unit_of_work.session import WriteSession
from app.kit.ids import CompanyId, PersonId
from app.tracking.people.models import CompanyRow, PersonRow
from app.tracking.people.repository import (
    COMPANIES_BY_NAME,
    COMPANY_BY_NAME,
    PEOPLE_BY_IDENTITY,
    PERSON_BY_IDENTITY,
)
from app.tracking.people.schemas import CompanyInput, PersonInput

_OF_COMPANIES = ("website",)
_OF_PEOPLE = ("title", "email", "phone", "profile_url")

Named = TypeVar("Named", bound=Schema)
PersonAtCompany = tuple[PersonInput, CompanyId | None]
"""Somebody, and the company that they surely are of."""


def get_or_create_company(work: WriteSession, named: CompanyInput) -> CompanyId:
    """Return the company of this name, made on first mention."""
    known = work.one_or_none(COMPANY_BY_NAME, name_key=normalize_name(named.name))
    if known is None:
        return CompanyId(work.add(CompanyRow, **_company(work, named)))
    if news := _news(named, known, _OF_COMPANIES):
        work.update(CompanyRow, known, **news)
    return known.id


def get_or_create_companies(work: WriteSession, named: Sequence[CompanyInput]) -> list[CompanyId]:
    """Return the company of each name, in their order: as `know_company`, for many at once."""
    keys = [normalize_name(each.name) for each in named]
    told = _gathered(zip(keys, named, strict=True), _OF_COMPANIES)
    ids: dict[str, CompanyId] = {}
    for row in work.all(COMPANIES_BY_NAME, name_keys=list(told)):
        ids[row.name_key] = row.id
        if news := _news(told[row.name_key], row, _OF_COMPANIES):
            work.update(CompanyRow, row, **news)
    rows = [_company(work, each) for key, each in told.items() if key not in ids]
    for new in rows:
        new["id"] = ids[new["name_key"]] = CompanyId(work.new_id(CompanyRow.id_prefix))
    work.add_all(CompanyRow, rows)
    return [ids[key] for key in keys]


def get_or_create_person(
    work: WriteSession, named: PersonInput, company_id: CompanyId | None
) -> PersonId:
    """Return the person so named, made on first mention; new details are added to known ones.

    People are the same when their e-mail address is, or, without one, when name
    and company are.
    """
    known = work.one_or_none(PERSON_BY_IDENTITY, identity_key=_identity_key(named, company_id))
    if known is None:
        return PersonId(work.add(PersonRow, **_person(work, named, company_id)))
    if news := _news(named, known, _OF_PEOPLE):
        work.update(PersonRow, known, **news)
    return known.id


def get_or_create_people(work: WriteSession, met: Sequence[PersonAtCompany]) -> list[PersonId]:
    """Return each of these people, in their order: as `know_person`, for many at once."""
    keys = [_identity_key(*each) for each in met]
    told = _gathered(zip(keys, (named for named, _ in met), strict=True), _OF_PEOPLE)
    ids: dict[str, PersonId] = {}
    companies: dict[str, CompanyId | None] = {}
    for key, (_, company_id) in zip(keys, met, strict=True):
        companies.setdefault(key, company_id)
    for row in work.all(PEOPLE_BY_IDENTITY, identity_keys=list(told)):
        ids[row.identity_key] = row.id
        if news := _news(told[row.identity_key], row, _OF_PEOPLE):
            work.update(PersonRow, row, **news)
    rows = [_person(work, told[key], companies[key]) for key in told if key not in ids]
    for new in rows:
        new["id"] = ids[new["identity_key"]] = PersonId(work.new_id(PersonRow.id_prefix))
    work.add_all(PersonRow, rows)
    return [ids[key] for key in keys]


def normalize_name(name: str) -> str:
    """Return the name as it is compared: without regard to case and spacing."""
    return " ".join(name.casefold().split())


def _identity_key(named: PersonInput, company_id: CompanyId | None) -> str:
    if named.email:
        return f"mail:{named.email.casefold()}"
    return f"name:{normalize_name(named.name)}@{company_id or ''}"


def _company(work: WriteSession, named: CompanyInput) -> Columns:
    return {
        "candidate_id": work.caller.member_id,
        "name": named.name,
        "name_key": normalize_name(named.name),
        "website": named.website,
    }


def _person(work: WriteSession, named: PersonInput, company_id: CompanyId | None) -> Columns:
    return {
        "candidate_id": work.caller.member_id,
        "company_id": company_id,
        "identity_key": _identity_key(named, company_id),
        **named.columns(),
    }


def _gathered(mentions: Iterable[tuple[str, Named]], details: Sequence[str]) -> dict[str, Named]:
    """Return what is said of each altogether: the first mention, and the latest of each detail."""
    gathered: dict[str, Named] = {}
    for key, named in mentions:
        known = gathered.setdefault(key, named)
        if news := _news(named, known, details):
            gathered[key] = known.model_copy(update=news)
    return gathered


def _news(named: Schema, known: object, details: Sequence[str]) -> Columns:
    """Return the details that are told and not what is known."""
    told = {name: getattr(named, name) for name in details}
    return {name: value for name, value in told.items() if value and value != getattr(known, name)}
