"""Tenancy filter: no statement reaches another workspace, or another candidate's records.

Multi-tenancy: each workspace is a tenant. Every SELECT over a tenant table is a `TenantQuery`,
built once. It adds the criteria of each role (the workspace, and for a candidate their own rows),
and raises unless every tenant table in it is tied to the workspace. Sessions execute no other
SELECT, and bind the ids of the caller themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    Alias,
    BinaryExpression,
    Column,
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    false,
    true,
)
from sqlalchemy.sql import operators
from sqlalchemy.sql.visitors import HasTraverseInternals

from app.core.persistence.base import Base, CandidateModel, MemberModel, TenantModel
from app.core.persistence.projections import check_projection
from app.kit.ids import KeyId, MemberId, WorkspaceId

AnySelect = Select[*tuple[Any, ...]]
Projection = TypeVar("Projection")
"""A NamedTuple: the row of one statement."""

PRE_AUTH_TABLES = frozenset({"workspaces", "api_keys"})
"""Tables that are read before authentication, because they determine the workspace."""

CROSS_TENANT_QUEUES = frozenset({"jobs"})
"""Tables that workers read for all workspaces: they contain ids and times, and no records."""

CROSS_TENANT_AGGREGATES = frozenset({"shared_summaries"})
"""Tables that workspaces share: they contain sums over many cases, and no records."""


class Role(StrEnum):
    """The role of a member in a workspace."""

    CANDIDATE = "candidate"
    RECRUITER = "recruiter"
    ADMIN = "admin"
    SERVICE = "service"  # the service itself (worker, command line); no key has this role


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated caller: their workspace, member id, role and scopes."""

    workspace_id: WorkspaceId
    member_id: MemberId
    role: Role
    scopes: frozenset[str]
    key_id: KeyId | None = None


def system_caller(workspace_id: WorkspaceId) -> Caller:
    """Return the service itself as the caller, which sees all rows of a workspace."""
    no_member = MemberId("mem_00000000000000000000000000")
    return Caller(workspace_id, no_member, Role.SERVICE, frozenset())


class MissingTenantFilterError(Exception):
    """A statement reads a tenant table without tying it to the workspace."""


class TenantQuery(Generic[Projection]):
    """A SELECT over a tenant table and the tables joined to it, filtered for every role.

    Sessions bind the parameters `workspace_id`, `member_id` and `now`.
    """

    def __init__(
        self, model: type[TenantModel], projection: type[Projection], statement: AnySelect
    ) -> None:
        """Add the filters.

        Raises MissingTenantFilterError when a tenant table in it is not tied to the workspace,
        ProjectionError when the fields of the projection are not the selected columns.
        """
        filtered = statement.where(model.workspace_id == bindparam("workspace_id"))
        require_tenant_filter(filtered)
        check_projection(projection, filtered)
        self.model = model
        self.projection = projection
        self._by_role = {role: filtered.where(_role_filter(role, model)) for role in Role}

    def for_role(self, role: Role) -> AnySelect:
        """Return the statement with the criteria of this role."""
        return self._by_role[role]


def on_same_workspace(
    left: Any,  # noqa: ANN401 - a table class or its alias
    right: Any,  # noqa: ANN401 - likewise
    *criteria: ColumnElement[bool],
) -> ColumnElement[bool]:
    """Return the ON clause of a join of two tenant tables."""
    return and_(right.workspace_id == left.workspace_id, *criteria)


def _role_filter(role: Role, model: type[TenantModel]) -> ColumnElement[bool]:
    match role:
        case Role.SERVICE:
            return true()
        case _ if issubclass(model, MemberModel):
            return model.member_id == bindparam("member_id")
        case Role.RECRUITER:
            return model.recruiter_filter()
        case Role.CANDIDATE:
            if issubclass(model, CandidateModel):
                return model.candidate_id == bindparam("member_id")
            return model.candidate_filter()
        case Role.ADMIN:
            return false() if issubclass(model, CandidateModel) else true()


def tenant_tables() -> frozenset[str]:
    """Return the names of all tables whose rows belong to a workspace."""
    shared = CROSS_TENANT_QUEUES | CROSS_TENANT_AGGREGATES
    return frozenset(
        name
        for name, table in Base.metadata.tables.items()
        if "workspace_id" in table.columns and name not in shared
    )


def require_tenant_filter(statement: HasTraverseInternals) -> None:
    """Raise MissingTenantFilterError unless every tenant table is tied to the workspace."""
    tied = set(_tied_to_workspace(statement))
    for source in _elements(statement):
        name = _tenant_table_name(source)
        if name is not None and name not in tied:
            raise MissingTenantFilterError(name)


def _elements(statement: HasTraverseInternals) -> Iterator[HasTraverseInternals]:
    """Yield every part of the statement; a table under an alias is the alias, not the table."""
    yield statement
    if not isinstance(statement, Alias):
        for child in statement.get_children():
            yield from _elements(child)


def _tenant_table_name(source: object) -> str | None:
    """Return the name of a tenant table in its statement, or None for anything else."""
    table = source.element if isinstance(source, Alias) else source
    if not isinstance(table, Table) or table.name in PRE_AUTH_TABLES:
        return None
    named = source if isinstance(source, Alias) else table
    return str(named.name) if "workspace_id" in table.columns else None


def _tied_to_workspace(statement: HasTraverseInternals) -> Iterator[str]:
    for element in _elements(statement):
        if isinstance(element, BinaryExpression) and element.operator is operators.eq:
            for side in (element.left, element.right):
                if isinstance(side, Column) and side.name == "workspace_id":
                    yield str(side.table.name)
