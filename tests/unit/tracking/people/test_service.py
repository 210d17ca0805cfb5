"""Companies and people: matched by name or e-mail address, created on first mention."""

import pytest

from app.core.persistence.tenancy import Role
from app.tracking.people.schemas import CompanyInput, PersonInput
from app.tracking.people.service import (
    get_or_create_companies,
    get_or_create_company,
    get_or_create_people,
    get_or_create_person,
    normalize_name,
)
from tests.support.callers import Services, candidate, colleague
from tests.support.service import Service


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.mark.parametrize("name", ["Acme Ltd", " acme  LTD", "ACME ltd "])
def test_names_are_compared_without_case_and_spacing(name: str) -> None:
    assert normalize_name(name) == "acme ltd"


def test_a_company_is_created_once_per_candidate(ada: Services) -> None:
    first = ada.write(get_or_create_company, CompanyInput(name="Acme"))
    assert ada.write(get_or_create_company, CompanyInput(name=" ACME ")) == first
    ben = colleague(ada, Role.CANDIDATE)
    assert ben.write(get_or_create_company, CompanyInput(name="Acme")) != first


def test_many_companies_at_once_are_those_of_one_by_one(ada: Services) -> None:
    acme = ada.write(get_or_create_company, CompanyInput(name="Acme"))
    names = [CompanyInput(name=name) for name in ("Brackwell", "acme", "brackwell", "Acme")]
    ids = ada.write(get_or_create_companies, names)
    assert ids == [ids[0], acme, ids[0], acme]
    assert [ada.write(get_or_create_company, name) for name in names] == ids


def test_people_are_matched_by_e_mail_address_or_by_name_and_company(ada: Services) -> None:
    acme = ada.write(get_or_create_company, CompanyInput(name="Acme"))
    dana = PersonInput(name="Dana Okafor", email="Dana@acme.example")
    first = ada.write(get_or_create_person, dana, None)
    renamed = PersonInput(name="D. Okafor", email="dana@ACME.example")
    assert ada.write(get_or_create_person, renamed, acme) == first
    plain = PersonInput(name="Dana Okafor")
    at_acme = ada.write(get_or_create_person, plain, acme)
    assert at_acme not in {first, ada.write(get_or_create_person, plain, None)}
    assert ada.write(get_or_create_person, plain, acme) == at_acme


def test_many_people_at_once_are_those_of_one_by_one(ada: Services) -> None:
    acme = ada.write(get_or_create_company, CompanyInput(name="Acme"))
    mentions = [
        (PersonInput(name="Dana"), acme),
        (PersonInput(name="dana", title="Head of Platform"), acme),
        (PersonInput(name="Dana"), None),
        (PersonInput(name="Tomasz", email="t@acme.example"), None),
    ]
    ids = ada.write(get_or_create_people, mentions)
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert [ada.write(get_or_create_person, *mention) for mention in mentions] == ids
