"""Which tables hold records of a person, found from the tables themselves."""

import pytest
from sqlalchemy import LargeBinary

import app.main  # noqa: F401 - so that the tables of every package are imported
from app.accounts.models import KeyRow, MemberRow
from app.core.persistence.base import Base
from app.core.persistence.tenancy import Role
from app.core.persistence.types import TypeIdType
from app.integrations.portability.personal_data_tables import (
    PersonalDataTable,
    is_member_reference,
    owner_of,
    personal_data_tables,
    unlink_statements,
)
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.reflection.feedback.models import FeedbackRow
from app.tracking.applications.models import ApplicationRow

TABLES = personal_data_tables()


def test_each_kind_is_named_after_its_table_class() -> None:
    kinds = {table.kind: table.table for table in TABLES}
    assert len(kinds) == len(TABLES)
    assert (kinds["member"], kinds["key"]) == (MemberRow, KeyRow)
    assert {"signal_sheet", "idempotency_record", "stage_change"} <= kinds.keys()


def test_parents_come_before_their_children() -> None:
    places = {table.table.__tablename__: place for place, table in enumerate(TABLES)}
    for table in TABLES:
        for key in table.table.table().foreign_key_constraints:
            parent = key.referred_table.name
            if parent in places:
                assert places[parent] <= places[table.table.__tablename__]


def test_a_row_belongs_to_the_candidate_or_the_member_that_it_names() -> None:
    for model, column in (
        (ApplicationRow, "candidate_id"),
        (EndpointRow, "member_id"),
        (MemberRow, "id"),
        (FeedbackRow, "candidate_id"),
    ):
        owner = owner_of(model.table())
        assert owner is model.table().c[column]
    assert owner_of(Base.metadata.tables["workspaces"]) is None


def test_no_digest_and_no_ciphertext_is_exported() -> None:
    for table in TABLES:
        columns = table.table.table().columns
        # Ids are bytes on SQLite, but they have a type of their own.
        secret = {column.name for column in columns if isinstance(column.type, LargeBinary)}
        secret |= {"previous_secrets"} & set(columns.keys())  # ciphertexts in JSON
        fields: tuple[str, ...] = table.query.projection._fields
        assert set(fields) == {column.name for column in columns} - secret
    assert "secret" not in next(
        table.query.projection._fields for table in TABLES if table.table is EndpointRow
    )


def test_only_a_record_with_an_author_is_exported_to_somebody_else_than_its_owner() -> None:
    with_author = [
        table.kind
        for table in TABLES
        if "written_by" in str(table.query.for_role(Role.SERVICE).whereclause)
    ]
    assert with_author == ["feedback"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.kind)
def test_an_erasure_is_limited_to_one_person_of_one_workspace(table: PersonalDataTable) -> None:
    statement = str(table.deletion)
    assert ".workspace_id = :workspace" in statement
    assert "= :person" in statement
    assert " OR " not in statement


def test_a_reference_to_a_member_is_neither_a_key_nor_another_id() -> None:
    applications, members = ApplicationRow.table().c, MemberRow.table().c
    assert is_member_reference(applications.recruiter_member_id)
    assert not is_member_reference(members.id)
    assert isinstance(applications.company_id.type, TypeIdType)
    assert not is_member_reference(applications.company_id)


def test_a_reference_becomes_null_and_an_author_becomes_the_owner() -> None:
    statements = [str(statement) for statement in unlink_statements()]
    starts = {statement.partition(", ")[0] for statement in statements}
    assert "UPDATE applications SET recruiter_member_id=NULL" in starts
    assert "UPDATE feedback SET written_by=feedback.candidate_id" in starts
    for statement in statements:
        assert ".workspace_id = :workspace AND " in statement
        assert "version + :version_1" in statement
        assert "updated_at=:now" in statement
