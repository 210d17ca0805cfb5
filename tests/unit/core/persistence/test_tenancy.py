"""The tenancy filter: every statement is tied to the workspace, for every role."""

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from app.accounts.models import MemberRow
from app.core.persistence.base import TenantModel
from app.core.persistence.projections import untyped_projection
from app.core.persistence.tenancy import (
    MissingTenantFilterError,
    Role,
    TenantQuery,
    require_tenant_filter,
)
from app.reflection.debriefs.models import SignalSheetRow
from app.tracking.applications.models import ApplicationRow
from app.tracking.interviews.models import InterviewRow
from app.tracking.people.models import PersonRow
from tests.support.tenant_guard import unfiltered_tables

Id = untyped_projection(["id"])


def test_a_query_is_tied_to_the_workspace_for_every_role() -> None:
    query = TenantQuery(ApplicationRow, Id, select(ApplicationRow.id))
    for role in (Role.CANDIDATE, Role.RECRUITER, Role.SERVICE):
        assert "applications.workspace_id = :workspace_id" in str(query.for_role(role))


def test_an_administrator_s_statement_over_candidates_records_finds_nothing() -> None:
    query = TenantQuery(ApplicationRow, Id, select(ApplicationRow.id))
    assert str(query.for_role(Role.ADMIN)).endswith("WHERE false")


def test_a_candidate_sees_only_their_own() -> None:
    query = TenantQuery(SignalSheetRow, Id, select(SignalSheetRow.id))
    assert "candidate_id = :member_id" in str(query.for_role(Role.CANDIDATE))


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.ADMIN])
def test_A4_a_private_table_is_empty_to_everybody_else(role: Role) -> None:
    query = TenantQuery(SignalSheetRow, Id, select(SignalSheetRow.id))
    assert "false" in str(query.for_role(role)).lower()


def test_a_candidate_sees_of_the_members_only_the_recruiters() -> None:
    query = TenantQuery(MemberRow, Id, select(MemberRow.id))
    compiled = query.for_role(Role.CANDIDATE).compile()
    assert "members.role = :role_1" in str(compiled)
    assert compiled.params["role_1"] == "recruiter"


def test_a_candidate_sees_nothing_of_a_table_that_does_not_say_so() -> None:
    assert str(TenantModel.candidate_filter()) == "false"


def test_a_joined_table_that_is_not_tied_is_refused() -> None:
    careless = select(ApplicationRow.id).join(
        PersonRow, PersonRow.id == ApplicationRow.hiring_manager_id
    )
    with pytest.raises(MissingTenantFilterError, match="people"):
        TenantQuery(ApplicationRow, Id, careless)


def test_an_alias_counts_for_itself() -> None:
    boss = aliased(PersonRow, name="boss")
    careless = (
        select(ApplicationRow.id)
        .join(
            PersonRow,
            (PersonRow.workspace_id == ApplicationRow.workspace_id)
            & (PersonRow.id == ApplicationRow.recruiter_id),
        )
        .join(boss, boss.id == ApplicationRow.hiring_manager_id)
    )
    with pytest.raises(MissingTenantFilterError, match="boss"):
        TenantQuery(ApplicationRow, Id, careless)


def test_a_subquery_is_looked_into() -> None:
    careless = select(ApplicationRow.id).where(
        ApplicationRow.workspace_id == bindparam("workspace_id"),
        ApplicationRow.id.in_(select(InterviewRow.application_id)),
    )
    with pytest.raises(MissingTenantFilterError, match="interviews"):
        require_tenant_filter(careless)


@pytest.mark.parametrize(
    ("statement", "caught"),
    [
        ("SELECT id FROM applications WHERE applications.id = ?", ["applications"]),
        ("SELECT id FROM applications WHERE applications.workspace_id = ?", []),
        ("UPDATE applications SET stage=? WHERE applications.id = ?", ["applications"]),
        ("DELETE FROM feedback WHERE feedback.workspace_id = %(w)s", []),
        ("DELETE FROM feedback", ["feedback"]),
        ("INSERT INTO people (id, name) VALUES (?, ?)", ["people"]),
        ("INSERT INTO people (workspace_id, id) VALUES (?, ?)", []),
        (
            "SELECT 1 FROM events JOIN people AS b ON b.id = x WHERE events.workspace_id = ?",
            ["people"],
        ),
        ("SELECT id FROM applications WHERE false", []),
        ("SELECT id FROM applications WHERE 0 = 1", []),
        ("SELECT id FROM api_keys WHERE api_keys.digest = ?", []),
    ],
)
def test_the_suite_s_own_guard_catches_what_it_should(statement: str, caught: list[str]) -> None:
    assert list(unfiltered_tables(statement)) == caught
