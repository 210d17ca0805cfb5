"""Every query over members and keys, once the workspace is known."""

from typing import Any

from sqlalchemy import bindparam, select

from app.accounts.models import KeyRow, MemberRow
from app.core.http.pagination import Order, paged
from app.core.persistence.tenancy import Query

_MEMBER = MemberRow.all_but_workspace()
# Never the digest: nothing that is shown or decided later needs it.
_KEY: list[Any] = [
    column
    for column in KeyRow.__table__.columns
    if column.name not in {"workspace_id", "digest", "is_demo"}
]

MEMBER_BY_ID = Query(MemberRow, select(*_MEMBER).where(MemberRow.id == bindparam("id")))
MEMBERS = paged(MemberRow, select(*_MEMBER), Order(MemberRow.id))

KEY_BY_ID = Query(KeyRow, select(*_KEY).where(KeyRow.id == bindparam("id")))
KEYS = paged(KeyRow, select(*_KEY), Order(KeyRow.id))
