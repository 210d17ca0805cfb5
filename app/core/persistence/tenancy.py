"""The fence: no statement reaches another workspace, or another candidate's records.

A statement over an owned table is wrapped in a `Query` when it is built. The
wrapper adds the criteria of the caller (workspace, and for a candidate the
candidate), checks that every owned table in the statement is tied to the
workspace, and refuses to exist otherwise. The unit of work takes nothing but
wrapped statements and binds the caller's ids itself.
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
    bindparam,
    false,
    true,
)
from sqlalchemy.sql import operators
from sqlalchemy.sql.visitors import HasTraverseInternals

from app.core.persistence.base import (
    Base,
    CandidateModel,
    MemberModel,
    TenantModel,
)
from app.kit.ids import KeyId, MemberId, WorkspaceId

AnySelect = Select[*tuple[Any, ...]]
TenantModelT = TypeVar("TenantModelT", bound=TenantModel)

PRE_AUTH_TABLES = frozenset({"workspaces", "api_keys"})
"""Tables that must be read before the workspace is known: they say which one it is."""

CROSS_TENANT_QUEUES = frozenset({"jobs"})
"""Tables that workers look through for all workspaces: they hold ids and times, and no records."""

CROSS_TENANT_AGGREGATES = frozenset({"shared_summaries"})
"""Tables of what workspaces let each other have: sums over many cases, and no records."""


class Role(StrEnum):
    """What somebody is in a workspace."""

    CANDIDATE = "candidate"
    RECRUITER = "recruiter"
    ADMIN = "admin"
    SERVICE = "service"  # the service itself: its worker, its command line; never given to a key


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, in which workspace, and what they may do."""

    workspace_id: WorkspaceId
    member_id: MemberId
    role: Role
    scopes: frozenset[str]
    key_id: KeyId | None = None


def system_caller(workspace_id: WorkspaceId) -> Caller:
    """Return the service itself, acting in a workspace for nobody in particular."""
    nobody = MemberId("mem_00000000000000000000000000")
    return Caller(workspace_id, nobody, Role.SERVICE, frozenset())


class MissingTenantFilterError(Exception):
    """A statement touches an owned table without tying it to the workspace."""


class TenantQuery(Generic[TenantModelT]):
    """A select over one owned table (and what is joined to it), fenced for every role.

    Parameters `workspace_id` and `member_id` are bound by the unit of work, and so is `now`.
    """

    def __init__(self, over: type[TenantModelT], statement: AnySelect) -> None:
        """Fence the statement; raise UnfencedStatementError when a table in it is not tied."""
        fenced = statement.where(over.workspace_id == bindparam("workspace_id"))
        require_tenant_filter(fenced)
        self.over = over
        self._by_role = {role: fenced.where(_sees(role, over)) for role in Role}

    def for_role(self, role: Role) -> AnySelect:
        """Return the statement with the criteria of this role."""
        return self._by_role[role]


def _sees(role: Role, over: type[TenantModel]) -> ColumnElement[bool]:
    match role:
        case Role.SERVICE:
            return true()
        case _ if issubclass(over, MemberModel):
            return over.member_id == bindparam("member_id")
        case Role.RECRUITER:
            return over.recruiter_filter()
        case Role.CANDIDATE:
            if issubclass(over, CandidateModel):
                return over.candidate_id == bindparam("member_id")
            return over.candidate_filter()
        case Role.ADMIN:
            return false() if issubclass(over, CandidateModel) else true()


def tenant_tables() -> frozenset[str]:
    """Return the names of all tables whose rows belong to a workspace."""
    return frozenset(
        name
        for name, table in Base.metadata.tables.items()
        if "workspace_id" in table.columns
        and name not in CROSS_TENANT_QUEUES | CROSS_TENANT_AGGREGATES
    )


def require_tenant_filter(statement: HasTraverseInternals) -> None:
    """Raise UnfencedStatementError unless every owned table is tied to the workspace."""
    tied = set(_tied_to_workspace(statement))
    for source in _elements(statement):
        name = _owned_name(source)
        if name is not None and name not in tied:
            raise MissingTenantFilterError(name)


def _elements(statement: HasTraverseInternals) -> Iterator[HasTraverseInternals]:
    """Yield every part of the statement; a table under an alias is the alias, not the table."""
    yield statement
    if not isinstance(statement, Alias):
        for child in statement.get_children():
            yield from _elements(child)


def _owned_name(source: object) -> str | None:
    """Return the name an owned table goes by in its statement, or None for anything else."""
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
