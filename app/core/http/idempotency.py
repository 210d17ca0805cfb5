"""Repeating a call without repeating its effect: `Idempotency-Key`.

The answer of a call is kept in the transaction of its change, so there is no
moment at which one is there without the other. It is kept sealed, for it may hold
private records or a fresh API key. A call that was refused changed nothing and is
not kept: repeated, it is judged anew.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Response
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
from app.core.persistence.tenancy import Caller, TenantQuery
from app.core.persistence.types import Json
from app.core.problems import (
    AnswerForgotten,
    FieldError,
    IdempotencyKeyReused,
    IdempotentCallInFlight,
    InvalidInput,
)
from app.core.unit_of_work.session import WriteSession

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
LONGEST_KEY = 255
KEPT_FOR = timedelta(hours=72)
RETRY_AFTER = {"Retry-After": "1"}

_KEY = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")
_NONCE_BYTES = 12
_FORGOTTEN_AT_ONCE = 20
_KEPT_HEADERS = ("ETag", "Location", "Cache-Control", "Content-Type")


class IdempotencyRecordRow(MemberModel):
    """What a call with a key was answered, and what it had asked."""

    __tablename__ = "kept_answers"
    __table_args__ = (
        tenant_foreign_key("members", "member_id"),
        Index("uq_kept_answers_key_digest", "workspace_id", "key_digest", unique=True),
        Index("ix_kept_answers_created_at", "workspace_id", "created_at"),
    )
    id_prefix = "ans"

    id: Mapped[str] = id_column("ans")
    key_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(Json)
    body: Mapped[bytes] = mapped_column(LargeBinary)


_BY_KEY = TenantQuery(
    IdempotencyRecordRow,
    select(
        IdempotencyRecordRow.id,
        IdempotencyRecordRow.version,
        IdempotencyRecordRow.created_at,
        IdempotencyRecordRow.fingerprint,
        IdempotencyRecordRow.status,
        IdempotencyRecordRow.headers,
        IdempotencyRecordRow.body,
    ).where(IdempotencyRecordRow.key_digest == bindparam("key_digest")),
)

_own = IdempotencyRecordRow.table()
_OUTDATED = (
    select(_own.c.id)
    .where(_own.c.workspace_id == bindparam("workspace"), _own.c.created_at < bindparam("before"))
    .limit(_FORGOTTEN_AT_ONCE)
)
_FORGET = delete(_own).where(
    _own.c.workspace_id == bindparam("workspace"), _own.c.id.in_(_OUTDATED)
)


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """One call with a key: whose key it is, and what exactly is asked under it."""

    key_digest: bytes
    fingerprint: bytes
    sealed_with: bytes

    @property
    def lock(self) -> int:
        """The number by which processes that share a database agree who goes first."""
        return int.from_bytes(self.key_digest[:8], "big", signed=True)


def idempotent_request(
    key: str, caller: Caller, method: str, target: str, body: bytes
) -> IdempotentRequest:
    """Take in a call; raise InvalidInput for a key that cannot be one."""
    if not _KEY.fullmatch(key):
        detail = f"send 1 to {LONGEST_KEY} ASCII characters without spaces; a UUID is a good choice"
        raise InvalidInput(faults=[FieldError(f"header/{HEADER}", "key_malformed", detail)])
    whose = f"{caller.workspace_id}\0{caller.member_id}\0"
    asked = hashlib.sha256(f"{whose}{method}\0{target}\0".encode())
    asked.update(body)
    named = f"{whose}{key}".encode()
    return IdempotentRequest(
        hashlib.sha256(named).digest(),
        asked.digest(),
        hashlib.sha256(b"sealed with\0" + named).digest(),
    )


def idempotent(
    wanted: IdempotentRequest, change: Callable[[WriteSession], Response]
) -> Callable[[WriteSession], Response]:
    """Return the change so wrapped that it happens once, and is answered alike each time."""

    def first_or_again(work: WriteSession) -> Response:
        if not work.try_advisory_lock(wanted.lock):
            raise IdempotentCallInFlight(headers=RETRY_AFTER)
        kept = _kept(work, wanted)
        if kept is not None:
            return kept
        answer = change(work)
        _keep(work, wanted, answer)
        return answer

    return first_or_again


def purge_responses(of: ColumnElement[bool]) -> Update:
    """Return the statement that forgets what was answered, and not that it was.

    It wants `workspace`. A call that is repeated then is not carried out again, and is told so.
    """
    return (
        update(_own)
        .where(_own.c.workspace_id == bindparam("workspace"), of)
        .values(body=b"", headers={}, version=_own.c.version + 1)
    )


def _kept(work: WriteSession, wanted: IdempotentRequest) -> Response | None:
    row = work.one_or_none(_BY_KEY, key_digest=wanted.key_digest)
    if row is None:
        return None
    if row.created_at < work.now - KEPT_FOR:
        work.delete(IdempotencyRecordRow, row)
        return None
    if row.fingerprint != wanted.fingerprint:
        raise IdempotencyKeyReused
    if not row.body:
        raise AnswerForgotten
    nonce, sealed = row.body[:_NONCE_BYTES], row.body[_NONCE_BYTES:]
    body = _cipher(work, wanted).decrypt(nonce, sealed, wanted.fingerprint)
    headers = row.headers | {REPLAYED: "true"}
    return Response(body or None, status_code=row.status, headers=headers)


def _keep(work: WriteSession, wanted: IdempotentRequest, answer: Response) -> None:
    work.connection.execute(
        _FORGET, {"workspace": work.caller.workspace_id, "before": work.now - KEPT_FOR}
    )
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _cipher(work, wanted).encrypt(nonce, bytes(answer.body), wanted.fingerprint)
    work.add(
        IdempotencyRecordRow,
        member_id=work.caller.member_id,
        key_digest=wanted.key_digest,
        fingerprint=wanted.fingerprint,
        status=answer.status_code,
        headers={name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers},
        body=nonce + sealed,
    )


def _cipher(work: WriteSession, wanted: IdempotentRequest) -> AESGCM:
    """Return what seals this answer: of the caller's key and our secret, neither of them stored."""
    return AESGCM(hmac.digest(work.signer.secret, wanted.sealed_with, "sha256"))
