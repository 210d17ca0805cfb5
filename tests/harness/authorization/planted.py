"""Bugs as they happen, each planted into the running app: the probes must catch every one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import jwt
from sqlalchemy import Connection, bindparam, null, select

from app.accounts import authentication, request_context, service
from app.accounts.models import KeyRow
from app.accounts.scopes import Scope
from app.core.http import idempotency, pagination
from app.core.http.idempotency_records import IdempotencyRecordRow
from app.core.http.representations import JsonView
from app.core.persistence.base import TenantModel
from app.core.persistence.tenancy import AnySelect, Role, TenantQuery
from app.core.problems import InsufficientScope
from app.reflection.feedback.models import FeedbackRow
from app.tracking.applications import service as applications
from app.tracking.applications.problems import ApplicationNotFound
from app.tracking.applications.repository import APPLICATION_BY_ID
from tests.harness.authorization.world import World

Bug = Callable[[World], Any]

_identify = service.authenticate_key
_attempt = idempotency.idempotent_request
_seen_by = TenantQuery.for_role
_get = applications._get
_decode = jwt.decode


def _open(role: Role, over: type[TenantModel] | None = None) -> Bug:
    """Let a role see all rows of the workspace, of one table or of every."""

    def seen_by(query: TenantQuery[Any], asking: Role) -> AnySelect:
        opened = asking is role and (over is None or query.model is over)
        return _seen_by(query, Role.SERVICE if opened else asking)

    return lambda _: patch.object(TenantQuery, "for_role", seen_by)


def _no_scopes(_: World) -> Any:
    def identify(connection: Connection, digest: bytes, now: datetime) -> service.AuthenticatedKey:
        found = _identify(connection, digest, now)
        return replace(found, caller=replace(found.caller, scopes=frozenset(Scope)))

    return patch.object(authentication, "authenticate_key", identify)


def _no_expiry(_: World) -> Any:
    def identify(connection: Connection, digest: bytes, now: datetime) -> service.AuthenticatedKey:
        return _identify(connection, digest, now - timedelta(days=1))

    return patch.object(authentication, "authenticate_key", identify)


def _no_revocation(_: World) -> Any:
    columns = [
        null().label(column.name) if column.name == "revoked_at" else column
        for column in KeyRow.__table__.columns
    ]
    careless = select(*columns).where(KeyRow.digest == bindparam("key_digest"))
    return patch.object(service, "_KEY", careless)


def _mixed_up_workspaces(world: World) -> Any:
    def identify(connection: Connection, digest: bytes, now: datetime) -> service.AuthenticatedKey:
        found = _identify(connection, digest, now)
        mixed_up = replace(found.caller, workspace_id=world.victim.workspace_id)
        return replace(found, caller=mixed_up, is_stale=False)

    return patch.object(authentication, "authenticate_key", identify)


def _unchecked(option: str) -> Bug:
    """Take tokens without looking at one of the things that they have to say."""

    def decode(token: str, key: Any, *, options: Any, **told: Any) -> Any:
        careless: Any = {**options, option: False}
        return _decode(token, key, options=careless, **told)

    return lambda _: patch.object(jwt, "decode", decode)


def _no_hiding(_: World) -> Any:
    return patch.object(JsonView, "render", lambda view, row, _role: view.render_nested(row))


def _unbound_cursors(_: World) -> Any:
    return patch.object(pagination, "_binding", lambda *_: "anybody's")


@contextmanager
def _shared_idempotency_keys(world: World) -> Iterator[None]:
    def attempt(key: str, caller: Any, *asked: Any) -> idempotency.IdempotentRequest:
        whose = replace(caller, member_id=world.victim.member_id)
        return _attempt(key, whose, *asked)

    with (
        patch.object(request_context, "idempotent_request", attempt),
        _open(Role.CANDIDATE, IdempotencyRecordRow)(world),
    ):
        yield


def _telling_what_exists(_: World) -> Any:
    def get(session: Any, application_id: Any) -> Any:
        exists = session.as_system().one_or_none(APPLICATION_BY_ID, id=application_id)
        try:
            return _get(session, application_id)
        except ApplicationNotFound:
            if exists:
                raise InsufficientScope from None
            raise

    return patch.object(applications, "_get", get)


BUGS: dict[str, Bug] = {
    "a candidate sees every candidate's records": _open(Role.CANDIDATE),
    "a recruiter sees what was not opened to them": _open(Role.RECRUITER),
    "a recruiter sees drafts": _open(Role.RECRUITER, FeedbackRow),
    "scopes are not checked": _no_scopes,
    "a key goes on after its end": _no_expiry,
    "a revoked key goes on": _no_revocation,
    "a token goes on after its end": _unchecked("verify_exp"),
    "a token for another service does": _unchecked("verify_aud"),
    "anybody can sign a token": _unchecked("verify_signature"),
    "a workspace is mixed up with another": _mixed_up_workspaces,
    "private fields are sent to recruiters": _no_hiding,
    "a cursor works for everybody": _unbound_cursors,
    "an idempotency key is not its owner's own": _shared_idempotency_keys,
    "what exists elsewhere is told from what does not": _telling_what_exists,
}
