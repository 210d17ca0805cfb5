"""Companies and people: get or create those that a candidate mentions."""

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

_COMPANY_DETAILS = ("website",)
_PERSON_DETAILS = ("title", "email", "phone", "profile_url")

Mention = TypeVar("Mention", bound=Schema)
PersonAtCompany = tuple[PersonInput, CompanyId | None]
"""A person, and the company where they work, if it is known."""


def get_or_create_company(session: WriteSession, mention: CompanyInput) -> CompanyId:
    """Return the company of this name; new details are added to it."""
    row = session.one_or_none(COMPANY_BY_NAME, name_key=normalize_name(mention.name))
    if row is None:
        return CompanyId(session.add(CompanyRow, **_company(session, mention)))
    if changes := _changes(mention, row, _COMPANY_DETAILS):
        session.update(CompanyRow, row, **changes)
    return row.id


def get_or_create_companies(
    session: WriteSession, mentions: Sequence[CompanyInput]
) -> list[CompanyId]:
    """Return the company of each name: as `get_or_create_company`, for many at once."""
    keys = [normalize_name(mention.name) for mention in mentions]
    merged = _merge(zip(keys, mentions, strict=True), _COMPANY_DETAILS)
    ids: dict[str, CompanyId] = {}
    for row in session.all(COMPANIES_BY_NAME, name_keys=list(merged)):
        ids[row.name_key] = row.id
        if changes := _changes(merged[row.name_key], row, _COMPANY_DETAILS):
            session.update(CompanyRow, row, **changes)
    rows = [_company(session, mention) for key, mention in merged.items() if key not in ids]
    for new in rows:
        new["id"] = ids[new["name_key"]] = CompanyId(session.new_id(CompanyRow.id_prefix))
    session.add_all(CompanyRow, rows)
    return [ids[key] for key in keys]


def get_or_create_person(
    session: WriteSession, mention: PersonInput, company_id: CompanyId | None
) -> PersonId:
    """Return the person of this name; new details are added to them.

    People are the same when their e-mail addresses are; without one, when name and company are.
    """
    row = session.one_or_none(PERSON_BY_IDENTITY, identity_key=_identity_key(mention, company_id))
    if row is None:
        return PersonId(session.add(PersonRow, **_person(session, mention, company_id)))
    if changes := _changes(mention, row, _PERSON_DETAILS):
        session.update(PersonRow, row, **changes)
    return row.id


def get_or_create_people(
    session: WriteSession, mentions: Sequence[PersonAtCompany]
) -> list[PersonId]:
    """Return each of these people: as `get_or_create_person`, for many at once."""
    keys = [_identity_key(*mention) for mention in mentions]
    merged = _merge(zip(keys, (person for person, _ in mentions), strict=True), _PERSON_DETAILS)
    ids: dict[str, PersonId] = {}
    companies: dict[str, CompanyId | None] = {}
    for key, (_, company_id) in zip(keys, mentions, strict=True):
        companies.setdefault(key, company_id)
    for row in session.all(PEOPLE_BY_IDENTITY, identity_keys=list(merged)):
        ids[row.identity_key] = row.id
        if changes := _changes(merged[row.identity_key], row, _PERSON_DETAILS):
            session.update(PersonRow, row, **changes)
    rows = [_person(session, merged[key], companies[key]) for key in merged if key not in ids]
    for new in rows:
        new["id"] = ids[new["identity_key"]] = PersonId(session.new_id(PersonRow.id_prefix))
    session.add_all(PersonRow, rows)
    return [ids[key] for key in keys]


def normalize_name(name: str) -> str:
    """Return the form in which names are compared: without regard to case and spacing."""
    return " ".join(name.casefold().split())


def _identity_key(mention: PersonInput, company_id: CompanyId | None) -> str:
    if mention.email:
        return f"mail:{mention.email.casefold()}"
    return f"name:{normalize_name(mention.name)}@{company_id or ''}"


def _company(session: WriteSession, mention: CompanyInput) -> Columns:
    return {
        "candidate_id": session.caller.member_id,
        "name": mention.name,
        "name_key": normalize_name(mention.name),
        "website": mention.website,
    }


def _person(session: WriteSession, mention: PersonInput, company_id: CompanyId | None) -> Columns:
    return {
        "candidate_id": session.caller.member_id,
        "company_id": company_id,
        "identity_key": _identity_key(mention, company_id),
        **mention.columns(),
    }


def _merge(mentions: Iterable[tuple[str, Mention]], details: Sequence[str]) -> dict[str, Mention]:
    """Merge the mentions of each key: the first one, with the latest of each detail."""
    merged: dict[str, Mention] = {}
    for key, mention in mentions:
        known = merged.setdefault(key, mention)
        if changes := _changes(mention, known, details):
            merged[key] = known.model_copy(update=changes)
    return merged


def _changes(mention: Schema, known: object, details: Sequence[str]) -> Columns:
    """Return the details that are given and differ from what is known."""
    given = {name: getattr(mention, name) for name in details}
    return {name: value for name, value in given.items() if value and value != getattr(known, name)}
