"""Queries over members and API keys of a workspace."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select

from app.accounts.models import KeyRow, MemberRow
from app.core.http.pagination import Order, keyset_query
from app.core.persistence.tenancy import Role, TenantQuery
from app.kit.ids import KeyId, MemberId


class MemberRecord(NamedTuple):
    """A member of the workspace."""

    id: MemberId
    name: str
    role: Role
    created_at: datetime
    version: int


class KeyRecord(NamedTuple):
    """An API key without its digest, which is needed only for authentication."""

    id: KeyId
    member_id: MemberId
    role: Role
    created_by: MemberId | None
    name: str
    scopes: list[str]
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime
    version: int


_MEMBERS = select(*MemberRow.columns_of(MemberRecord))
_KEYS = select(*KeyRow.columns_of(KeyRecord))

MEMBER_BY_ID = TenantQuery(MemberRow, MemberRecord, _MEMBERS.where(MemberRow.id == bindparam("id")))
MEMBERS = keyset_query(MemberRow, MemberRecord, _MEMBERS, Order(MemberRow.id))

KEY_BY_ID = TenantQuery(KeyRow, KeyRecord, _KEYS.where(KeyRow.id == bindparam("id")))
KEYS = keyset_query(KeyRow, KeyRecord, _KEYS, Order(KeyRow.id))
