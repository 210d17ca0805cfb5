"""Tables of workspaces, members, API keys and OpenID Connect identities.

Workspaces and keys are read before authentication, when the workspace is not known yet.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, LargeBinary, bindparam
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import (
    Base,
    MemberModel,
    TenantModel,
    id_column,
    tenant_foreign_key,
)
from app.core.persistence.tenancy import Role
from app.core.persistence.types import Json, TypeIdType
from app.kit.ids import KeyId, MemberId, WorkspaceId


class WorkspaceRow(Base):
    """A tenant: the workspace of one person, of an agency or of a frontend."""

    __tablename__ = "workspaces"

    id: Mapped[WorkspaceId] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]


class MemberRow(TenantModel):
    """A member of a workspace; each has exactly one role."""

    __tablename__ = "members"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_members_workspace_id"),
    )
    id_prefix = "mem"

    id: Mapped[MemberId] = id_column("mem")
    name: Mapped[str]
    role: Mapped[Role]

    @classmethod
    def candidate_filter(cls) -> ColumnElement[bool]:
        """Return the recruiters, so that a candidate can open an application to one of them."""
        return cls.role == Role.RECRUITER


class KeyRow(TenantModel):
    """An API key, stored as a digest: the key itself is returned once and not stored."""

    __tablename__ = "api_keys"
    __table_args__ = (tenant_foreign_key("members", "member_id"),)
    id_prefix = "key"

    id: Mapped[KeyId] = id_column("key")
    member_id: Mapped[MemberId] = mapped_column(TypeIdType("mem"))
    role: Mapped[Role]
    created_by: Mapped[MemberId | None] = mapped_column(TypeIdType("mem"))
    name: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scopes: Mapped[list[str]] = mapped_column(Json)
    is_demo: Mapped[bool]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    @classmethod
    def recruiter_filter(cls) -> ColumnElement[bool]:
        """Return the recruiter's own keys."""
        return cls.member_id == bindparam("member_id")

    @classmethod
    def candidate_filter(cls) -> ColumnElement[bool]:
        """Return the candidate's own keys."""
        return cls.member_id == bindparam("member_id")


class IdentityRow(MemberModel):
    """The OpenID Connect identity of a member, stored at the first sign-in."""

    __tablename__ = "identities"
    __table_args__ = (
        tenant_foreign_key("members", "member_id"),
        # A user with two roles is two members. Concurrent first sign-ins create one per role.
        Index("uq_identities_subject", "workspace_id", "issuer", "subject", "role", unique=True),
        Index("ix_identities_member_id", "workspace_id", "member_id"),
    )
    id_prefix = "idt"

    id: Mapped[str] = id_column("idt")
    issuer: Mapped[str]
    subject: Mapped[str]
    role: Mapped[Role]
