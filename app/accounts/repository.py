"""Every query over members and keys, once the workspace is known."""

from typing import Any

from sqlalchemy import bindparam, select

from app.accounts.models import KeyRow, MemberRow
from app.core.http.pagination import Order, keyset_query
from app.core.persistence.tenancy import TenantQuery

_MEMBER = MemberRow.data_columns()
# Never the digest: nothing that is shown or decided later needs it.
_KEY: list[Any] = [
    column
    for column in KeyRow.__table__.columns
    if column.name not in {"workspace_id", "digest", "is_demo"}
]

MEMBER_BY_ID = TenantQuery(MemberRow, select(*_MEMBER).where(MemberRow.id == bindparam("id")))
MEMBERS = keyset_query(MemberRow, select(*_MEMBER), Order(MemberRow.id))

KEY_BY_ID = TenantQuery(KeyRow, select(*_KEY).where(KeyRow.id == bindparam("id")))
KEYS = keyset_query(KeyRow, select(*_KEY), Order(KeyRow.id))
