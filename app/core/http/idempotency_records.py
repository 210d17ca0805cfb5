"""Idempotency records: the stored responses of requests with an `Idempotency-Key`."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Index,
    LargeBinary,
    Update,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import MemberModel, id_column, tenant_foreign_key
from app.core.persistence.tenancy import TenantQuery
from app.core.persistence.types import Json

_PURGE_BATCH = 20


class IdempotencyRecordRow(MemberModel):
    """The response of one request, and a fingerprint of the request; an empty body is purged."""

    __tablename__ = "idempotency_records"
    __table_args__ = (
        tenant_foreign_key("members", "member_id"),
        Index("uq_idempotency_records_key_digest", "workspace_id", "key_digest", unique=True),
        Index("ix_idempotency_records_created_at", "workspace_id", "created_at"),
    )
    id_prefix = "ans"

    id: Mapped[str] = id_column("ans")
    key_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(Json)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class IdempotencyRecord(NamedTuple):
    """A stored response; `body` is encrypted."""

    id: str
    version: int
    created_at: datetime
    fingerprint: bytes
    status: int
    headers: dict[str, Any]
    body: bytes


RECORD_BY_KEY = TenantQuery(
    IdempotencyRecordRow,
    IdempotencyRecord,
    select(*IdempotencyRecordRow.columns_of(IdempotencyRecord)).where(
        IdempotencyRecordRow.key_digest == bindparam("key_digest")
    ),
)

_records = IdempotencyRecordRow.table()
_expired = (
    select(_records.c.id)
    .where(
        _records.c.workspace_id == bindparam("workspace"),
        _records.c.created_at < bindparam("before"),
    )
    .limit(_PURGE_BATCH)
)
PURGE_EXPIRED = delete(_records).where(
    _records.c.workspace_id == bindparam("workspace"), _records.c.id.in_(_expired)
)
"""Deletes a batch of the records older than `before`; every write with a key runs it."""


def purge_responses(criteria: ColumnElement[bool]) -> Update:
    """Return the UPDATE that blanks stored responses and keeps their keys and fingerprints.

    It needs the parameter `workspace`. A repeated request then fails with
    IdempotentResponseGone and is not executed again.
    """
    return (
        update(_records)
        .where(_records.c.workspace_id == bindparam("workspace"), criteria)
        .values(body=b"", headers={}, version=_records.c.version + 1)
    )
