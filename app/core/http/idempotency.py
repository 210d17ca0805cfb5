"""Idempotency: a request with an `Idempotency-Key` is executed once, however often it is sent.

The response is stored in the transaction of the change, so there is no moment at which one exists
without the other. It is encrypted, because it may hold private records or a new API key. A rejected
request changed nothing and is not stored: sent again, it is executed again.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Response

from app.core.http.idempotency_records import (
    PURGE_EXPIRED,
    RECORD_BY_KEY,
    IdempotencyRecordRow,
)
from app.core.persistence.tenancy import Caller
from app.core.problems import (
    FieldError,
    IdempotencyKeyReused,
    IdempotentCallInFlight,
    IdempotentResponseGone,
    InvalidInput,
)
from app.core.security.encryption import SecretCipher
from app.core.unit_of_work.session import WriteSession

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
MAX_KEY_LENGTH = 255
RETENTION = timedelta(hours=72)
RETRY_AFTER = {"Retry-After": "1"}

_KEY = re.compile(rf"[!-~]{{1,{MAX_KEY_LENGTH}}}")
_PURPOSE = b"debrief: idempotent response, form 2\0"
_STORED_HEADERS = ("ETag", "Location", "Cache-Control", "Content-Type")


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request with a key: digests of the key and of the request."""

    key_digest: bytes
    fingerprint: bytes
    cipher_purpose: bytes

    @property
    def lock_number(self) -> int:
        """The number of the advisory lock that processes use for this key."""
        return int.from_bytes(self.key_digest[:8], "big", signed=True)


def idempotent_request(
    key: str, caller: Caller, method: str, target: str, body: bytes
) -> IdempotentRequest:
    """Return the digests of a request; raise InvalidInput for a malformed key."""
    if not _KEY.fullmatch(key):
        detail = (
            f"send 1 to {MAX_KEY_LENGTH} ASCII characters without spaces; a UUID is a good choice"
        )
        raise InvalidInput(faults=[FieldError(f"header/{HEADER}", "key_malformed", detail)])
    owner = f"{caller.workspace_id}\0{caller.member_id}\0"
    fingerprint = hashlib.sha256(f"{owner}{method}\0{target}\0".encode())
    fingerprint.update(body)
    owned_key = f"{owner}{key}".encode()
    return IdempotentRequest(
        hashlib.sha256(owned_key).digest(),
        fingerprint.digest(),
        # Derived from the key itself, which is not stored: the database and the server secret
        # together do not decrypt a response.
        _PURPOSE + hashlib.sha256(b"cipher\0" + owned_key).digest(),
    )


def idempotent(
    request: IdempotentRequest, change: Callable[[WriteSession], Response]
) -> Callable[[WriteSession], Response]:
    """Return the change, executed once and replayed from its stored response afterwards."""

    def execute_or_replay(session: WriteSession) -> Response:
        if not session.try_advisory_lock(request.lock_number):
            raise IdempotentCallInFlight(headers=RETRY_AFTER)
        stored = _stored_response(session, request)
        if stored is not None:
            return stored
        response = change(session)
        _store(session, request, response)
        return response

    return execute_or_replay


def _stored_response(session: WriteSession, request: IdempotentRequest) -> Response | None:
    record = session.one_or_none(RECORD_BY_KEY, key_digest=request.key_digest)
    if record is None:
        return None
    if record.created_at < session.now - RETENTION:
        session.delete(IdempotencyRecordRow, record)
        return None
    if record.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused
    if not record.body:
        raise IdempotentResponseGone
    body = _cipher(session, request).decrypt(record.body, request.fingerprint)
    headers = record.headers | {REPLAYED: "true"}
    return Response(body or None, status_code=record.status, headers=headers)


def _store(session: WriteSession, request: IdempotentRequest, response: Response) -> None:
    session.connection.execute(
        PURGE_EXPIRED,
        {"workspace": session.caller.workspace_id, "before": session.now - RETENTION},
    )
    session.add(
        IdempotencyRecordRow,
        member_id=session.caller.member_id,
        key_digest=request.key_digest,
        fingerprint=request.fingerprint,
        status=response.status_code,
        headers={
            name: response.headers[name] for name in _STORED_HEADERS if name in response.headers
        },
        body=_cipher(session, request).encrypt(bytes(response.body), request.fingerprint),
    )


def _cipher(session: WriteSession, request: IdempotentRequest) -> SecretCipher:
    return SecretCipher(session.signer.secret, request.cipher_purpose)
