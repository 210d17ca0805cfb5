"""Tables of accounts. Workspaces and keys are read before it is known whose they are."""

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
    """A tenant: one person's own, an agency's or a frontend's."""

    __tablename__ = "workspaces"

    id: Mapped[WorkspaceId] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]


class MemberRow(TenantModel):
    """Somebody in a workspace, in one role."""

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
        """Let a candidate find the recruiters, to open an application to one of them."""
        return cls.role == Role.RECRUITER


class KeyRow(TenantModel):
    """An API key, kept as a digest: the key itself is shown once and not stored."""

    __tablename__ = "api_keys"
    __table_args__ = (tenant_foreign_key("members", "member_id"),)
    id_prefix = "key"

    id: Mapped[KeyId] = id_column("key")
    member_id: Mapped[MemberId] = mapped_column(TypeIdType("mem"))
    role: Mapped[Role]
    made_by: Mapped[MemberId | None] = mapped_column(TypeIdType("mem"))
    name: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scopes: Mapped[list[str]] = mapped_column(Json)
    is_demo: Mapped[bool]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    @classmethod
    def recruiter_filter(cls) -> ColumnElement[bool]:
        """Let a recruiter see their own keys."""
        return cls.member_id == bindparam("member_id")

    @classmethod
    def candidate_filter(cls) -> ColumnElement[bool]:
        """Let a candidate see their own keys."""
        return cls.member_id == bindparam("member_id")


class IdentityRow(MemberModel):
    """Who a member is to the operator's own provider, from the first sign-in on."""

    __tablename__ = "identities"
    __table_args__ = (
        tenant_foreign_key("members", "member_id"),
        # Whoever has two roles is two members. Two first sign-ins at once make one of each.
        Index("uq_identities_subject", "workspace_id", "issuer", "subject", "role", unique=True),
        Index("ix_identities_member_id", "workspace_id", "member_id"),
    )
    id_prefix = "idt"

    id: Mapped[str] = id_column("idt")
    issuer: Mapped[str]
    subject: Mapped[str]
    role: Mapped[Role]
