"""The service of members and API keys."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from app.accounts import service
from app.accounts.problems import (
    KeyEnded,
    KeyForAnother,
    KeyNotFound,
    MemberNotFound,
    ScopeNotGiven,
)
from app.accounts.schemas import KeyCreate, KeyRotationCreate, MemberCreate
from app.accounts.scopes import SCOPES, Scope
from app.core.persistence.tenancy import Role
from app.core.problems import InvalidInput, KeyInvalid
from app.kit.ids import KeyId
from tests.support.callers import Services, candidate, colleague
from tests.support.service import Service

create = partial(service.create_key, live=False)
rotate = partial(service.rotate_key, live=False)


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


@pytest.fixture
def office(ada: Services) -> Services:
    return colleague(ada, Role.ADMIN)


def key_of(caller: Services, **fields: Any) -> Any:
    body = KeyCreate.model_validate({"name": "test"} | fields)
    return caller.write(create, body).row


def holding(caller: Services, key_id: KeyId) -> Services:
    """Return the same caller, calling with this key."""
    return Services(caller.service, replace(caller.caller, key_id=key_id))


def authenticate(caller: Services, text: str) -> service.AuthenticatedKey:
    from app.accounts.keys import digest_of  # noqa: PLC0415

    runner = caller.service.runner
    return runner.database.readers.run_sync(
        lambda connection: service.authenticate_key(connection, digest_of(text), runner.clock())
    )


def test_a_key_authenticates_its_member_with_its_scopes(ada: Services) -> None:
    made = key_of(ada, scopes=[Scope.APPLICATIONS_READ])
    found = authenticate(ada, made.text)
    assert found.caller.member_id == ada.caller.member_id
    assert found.caller.workspace_id == ada.caller.workspace_id
    assert found.caller.scopes == {Scope.APPLICATIONS_READ}
    assert found.is_stale


def test_an_unknown_expired_or_revoked_key_is_invalid(ada: Services) -> None:
    with pytest.raises(KeyInvalid):
        authenticate(ada, "dbk_test_unknown")
    short = key_of(ada, expires_at=ada.service.clock() + timedelta(minutes=5))
    with ada.service.clock.later(timedelta(minutes=6)), pytest.raises(KeyInvalid):
        authenticate(ada, short.text)
    revoked = key_of(ada)
    ada.write(service.revoke_key, revoked.key.id)
    ada.write(service.revoke_key, revoked.key.id)
    with pytest.raises(KeyInvalid):
        authenticate(ada, revoked.text)


def test_nobody_grants_scopes_that_they_do_not_have(ada: Services) -> None:
    limited = replace(ada.caller, scopes=frozenset({Scope.APPLICATIONS_READ}))
    few = Services(ada.service, limited)
    assert set(key_of(few).key.scopes) == {Scope.APPLICATIONS_READ}
    with pytest.raises(ScopeNotGiven):
        key_of(few, scopes=[Scope.APPLICATIONS_WRITE])


def test_an_administrator_creates_keys_for_others_within_their_role(
    ada: Services, office: Services
) -> None:
    made = key_of(office, member=ada.caller.member_id)
    assert set(made.key.scopes) == SCOPES[Role.CANDIDATE]
    assert made.key.created_by == office.caller.member_id
    with pytest.raises(ScopeNotGiven):
        key_of(office, member=ada.caller.member_id, scopes=[Scope.MEMBERS_MANAGE])
    with pytest.raises(KeyForAnother):
        key_of(ada, member=office.caller.member_id)
    stranger = candidate(ada.service)
    with pytest.raises(MemberNotFound):
        key_of(office, member=stranger.caller.member_id)


def test_a_new_key_does_not_outlive_the_key_that_creates_it(ada: Services) -> None:
    ends = ada.service.clock() + timedelta(hours=1)
    own = holding(ada, key_of(ada, expires_at=ends).key.id)
    assert key_of(own).key.expires_at == ends
    with pytest.raises(InvalidInput):
        key_of(own, expires_at=ends + timedelta(seconds=1))
    with pytest.raises(InvalidInput):
        key_of(ada, expires_at=ada.service.clock() - timedelta(seconds=1))


def test_a_rotated_key_works_until_the_overlap_is_over(ada: Services) -> None:
    old = key_of(ada, scopes=[Scope.APPLICATIONS_READ])
    new = ada.write(rotate, old.key.id, KeyRotationCreate(overlap_minutes=10)).row
    assert (new.key.name, set(new.key.scopes)) == ("test", {Scope.APPLICATIONS_READ})
    authenticate(ada, old.text)
    with ada.service.clock.later(timedelta(minutes=11)):
        with pytest.raises(KeyInvalid):
            authenticate(ada, old.text)
        with pytest.raises(KeyEnded):
            ada.write(rotate, old.key.id, KeyRotationCreate(overlap_minutes=10))
        authenticate(ada, new.text)


def test_last_use_is_recorded_to_the_minute(ada: Services) -> None:
    made = key_of(ada)
    ada.write(service.touch_last_used, made.key.id)
    used = ada.read(service.get_key, made.key.id).row.last_used_at
    assert used is not None
    assert (used.second, used.microsecond) == (0, 0)


def test_members_and_keys_are_seen_by_their_owner_and_administrators(
    ada: Services, office: Services
) -> None:
    made = key_of(ada)
    ben = colleague(ada, Role.CANDIDATE)
    with pytest.raises(KeyNotFound):
        ben.read(service.get_key, made.key.id)
    assert office.read(service.get_key, made.key.id).row.id == made.key.id
    with pytest.raises(MemberNotFound):
        ben.read(service.get_member, ada.caller.member_id)
    created = office.write(
        service.create_member, MemberCreate.model_validate({"name": "Sam", "role": "recruiter"})
    ).row
    assert created.role is Role.RECRUITER
    listed = office.read(service.list_members, 100, None)
    assert {created.id, ada.caller.member_id} <= {row.id for row in listed.rows}


def test_expired_demo_keys_are_deleted(ada: Services) -> None:
    def issue(session: Any, *, is_demo: bool) -> KeyId:
        expires_at = session.now + timedelta(minutes=1)
        grant = service.Grant(Role.CANDIDATE, expires_at=expires_at, is_demo=is_demo)
        return service.issue_key(session, ada.caller.member_id, "demo", grant, live=False).id

    demo, other = (ada.write(issue, is_demo=is_demo) for is_demo in (True, False))
    with ada.service.clock.later(timedelta(minutes=2)):
        ada.write(service.delete_expired_demo_keys)
    with pytest.raises(KeyNotFound):
        ada.read(service.get_key, demo)
    assert ada.read(service.get_key, other).row.id == other


def test_whoami_names_workspace_member_role_and_scopes(ada: Services) -> None:
    me = ada.read(service.whoami)
    assert (me.workspace, me.member) == (ada.caller.workspace_id, ada.caller.member_id)
    assert me.role == "candidate"
    assert {scope.value for scope in me.scopes} == SCOPES[Role.CANDIDATE]
