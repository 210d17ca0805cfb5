"""Service functions of accounts: create workspaces and members, issue, rotate and revoke keys."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from sqlalchemy import Connection, bindparam, delete, insert, select

from app.accounts import presenters
from app.accounts.keys import digest_of, new_key
from app.accounts.models import KeyRow, MemberRow, WorkspaceRow
from app.accounts.presenters import NewKeyRecord
from app.accounts.problems import (
    KeyEnded,
    KeyForAnother,
    KeyNotFound,
    MemberNotFound,
    ScopeNotGiven,
)
from app.accounts.repository import (
    KEY_BY_ID,
    KEYS,
    MEMBER_BY_ID,
    MEMBERS,
    KeyRecord,
    MemberRecord,
)
from app.accounts.schemas import KeyCreate, KeyRotationCreate, Me, MemberCreate
from app.accounts.scopes import SCOPES, Scope
from app.core.http.pagination import fetch_page
from app.core.http.representations import Resource, ResourcePage
from app.core.persistence.tenancy import Caller, Role
from app.core.problems import FieldError, InvalidInput, KeyInvalid
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.ids import Ids, KeyId, MemberId, WorkspaceId

_LAST_USED_PRECISION = timedelta(minutes=1)

_FIRST_WORKSPACE = select(WorkspaceRow.id).order_by(WorkspaceRow.created_at).limit(1)

# The only statement that reads across workspaces: it finds the workspace of a key.
_KEY = select(
    KeyRow.workspace_id,
    KeyRow.id,
    KeyRow.member_id,
    KeyRow.role,
    KeyRow.scopes,
    KeyRow.expires_at,
    KeyRow.revoked_at,
    KeyRow.last_used_at,
).where(KeyRow.digest == bindparam("key_digest"))


@dataclass(frozen=True, slots=True)
class NewKey:
    """A new key; its `text` is returned once and not stored."""

    id: KeyId
    member_id: MemberId
    text: str


@dataclass(frozen=True, slots=True)
class AuthenticatedKey:
    """The caller of a key, how long it is still valid, and whether `last_used_at` is stale."""

    caller: Caller
    seconds: float
    is_stale: bool


def authenticate_key(connection: Connection, key_digest: bytes, now: datetime) -> AuthenticatedKey:
    """Return the caller of a key; raise KeyInvalid when it is unknown, revoked or expired."""
    row = connection.execute(_KEY, {"key_digest": key_digest}).one_or_none()
    if row is None or row.revoked_at or (row.expires_at and row.expires_at <= now):
        raise KeyInvalid
    role: Role = row.role
    # Limited to what the role can have now: the key may be older than a change of the roles.
    scopes = SCOPES[role].intersection(row.scopes)
    return AuthenticatedKey(
        Caller(row.workspace_id, row.member_id, role, scopes, row.id),
        seconds=(row.expires_at - now).total_seconds() if row.expires_at else inf,
        is_stale=row.last_used_at is None or row.last_used_at < now - _LAST_USED_PRECISION,
    )


def first_workspace(connection: Connection) -> WorkspaceId | None:
    """Return the oldest workspace, the only one of an embedded database."""
    workspace_id: WorkspaceId | None = connection.execute(_FIRST_WORKSPACE).scalar_one_or_none()
    return workspace_id


def create_workspace(connection: Connection, name: str, now: datetime, new_id: Ids) -> WorkspaceId:
    """Create a workspace without members."""
    workspace_id = WorkspaceId(new_id("ws"))
    connection.execute(
        insert(WorkspaceRow.table()), {"id": workspace_id, "name": name, "created_at": now}
    )
    return workspace_id


def create_member_row(session: WriteSession, name: str, role: Role) -> MemberId:
    """Create a member of the workspace and return its id."""
    return MemberId(session.add(MemberRow, name=name, role=role))


@dataclass(frozen=True, slots=True)
class Grant:
    """The role, scopes and expiry of a key to issue; the default is all scopes of the role."""

    role: Role
    scopes: frozenset[str] | None = None
    expires_at: datetime | None = None
    is_demo: bool = False


def issue_key(
    session: WriteSession,
    member_id: MemberId,
    name: str,
    grant: Grant,
    *,
    live: bool,
    created_by: MemberId | None = None,
) -> NewKey:
    """Issue a key; its text is returned and not stored."""
    text = new_key(live=live)
    key_id = session.add(
        KeyRow,
        member_id=member_id,
        created_by=created_by,
        role=grant.role,
        name=name,
        digest=digest_of(text),
        scopes=sorted(SCOPES[grant.role] if grant.scopes is None else grant.scopes),
        is_demo=grant.is_demo,
        expires_at=grant.expires_at,
        revoked_at=None,
        last_used_at=None,
    )
    return NewKey(KeyId(key_id), member_id, text)


def delete_expired_demo_keys(session: WriteSession) -> None:
    """Delete expired demo keys; each start of the server creates a new one."""
    session.connection.execute(
        delete(KeyRow.table()).where(
            KeyRow.workspace_id == session.caller.workspace_id,
            KeyRow.is_demo,
            KeyRow.expires_at <= session.now,
        )
    )


def touch_last_used(session: WriteSession, key_id: KeyId) -> None:
    """Store, to the minute, when a key was last used."""
    row = session.one_or_none(KEY_BY_ID, id=key_id)
    if row is not None:
        session.update(KeyRow, row, last_used_at=session.now.replace(second=0, microsecond=0))


def whoami(session: ReadSession) -> Me:
    """Return the caller."""
    caller = session.caller
    return Me(
        workspace=caller.workspace_id,
        member=caller.member_id,
        role=caller.role.value,
        scopes=sorted(Scope(scope) for scope in caller.scopes),
        key=caller.key_id,
    )


def create_member(session: WriteSession, body: MemberCreate) -> Resource[MemberRecord]:
    """Create a member and return it."""
    return get_member(session, create_member_row(session, body.name, Role(body.role)))


def get_member(session: ReadSession, member_id: MemberId) -> Resource[MemberRecord]:
    """Return one member; raise MemberNotFound when the caller sees none."""
    return presenters.member(session.get(MEMBER_BY_ID, MemberNotFound, id=member_id))


def list_members(
    session: ReadSession, limit: int, cursor: str | None
) -> ResourcePage[MemberRecord]:
    """Return a page of the members that the caller may see."""
    return fetch_page(session, MEMBERS, presenters.MEMBER, filters={}, limit=limit, cursor=cursor)


def create_key(session: WriteSession, body: KeyCreate, *, live: bool) -> Resource[NewKeyRecord]:
    """Create a key for the caller, or, for an administrator, for any member."""
    member_id, role, grantable = _key_owner(session, body.member)
    scopes = grantable if body.scopes is None else frozenset(body.scopes)
    _require_grantable(scopes, grantable, role)
    grant = Grant(role, scopes, _expiry(session, body.expires_at))
    creator = session.caller.member_id
    issued = issue_key(session, member_id, body.name, grant, live=live, created_by=creator)
    return presenters.new_key(_key_row(session, issued.id), issued.text)


def list_keys(session: ReadSession, limit: int, cursor: str | None) -> ResourcePage[KeyRecord]:
    """Return a page of the keys that the caller may see."""
    return fetch_page(session, KEYS, presenters.KEY, filters={}, limit=limit, cursor=cursor)


def get_key(session: ReadSession, key_id: KeyId) -> Resource[KeyRecord]:
    """Return one key; raise KeyNotFound when the caller sees none."""
    return presenters.key(_key_row(session, key_id))


def rotate_key(
    session: WriteSession, key_id: KeyId, body: KeyRotationCreate, *, live: bool
) -> Resource[NewKeyRecord]:
    """Create a successor of a key, which itself expires after the overlap.

    Raises KeyEnded for a key that is revoked or expired.
    """
    row = _key_row(session, key_id)
    if row.revoked_at or (row.expires_at and row.expires_at <= session.now):
        raise KeyEnded
    member_id, role, grantable = _key_owner(session, row.member_id)
    scopes = SCOPES[role].intersection(row.scopes)
    _require_grantable(scopes, grantable, role)
    limits = [expiry for expiry in (row.expires_at, _caller_key_expiry(session)) if expiry]
    overlap_end = session.now + timedelta(minutes=body.overlap_minutes)
    session.update(KeyRow, row, expires_at=min(overlap_end, row.expires_at or overlap_end))
    grant = Grant(role, scopes, min(limits, default=None))
    creator = session.caller.member_id
    issued = issue_key(session, member_id, row.name, grant, live=live, created_by=creator)
    return presenters.new_key(_key_row(session, issued.id), issued.text)


def revoke_key(session: WriteSession, key_id: KeyId) -> Resource[KeyRecord]:
    """Revoke a key permanently; revoking it again changes nothing."""
    row = _key_row(session, key_id)
    if row.revoked_at is None:
        session.update(KeyRow, row, revoked_at=session.now)
    return get_key(session, key_id)


def _key_owner(
    session: WriteSession, member_id: MemberId | None
) -> tuple[MemberId, Role, frozenset[str]]:
    """Return the owner of a new key, their role, and the scopes that the caller may grant."""
    caller = session.caller
    if member_id in {None, caller.member_id}:
        return caller.member_id, caller.role, caller.scopes
    if caller.role is not Role.ADMIN:
        raise KeyForAnother
    row = session.get(MEMBER_BY_ID, MemberNotFound, id=member_id)
    return row.id, row.role, SCOPES[row.role]


def _require_grantable(scopes: frozenset[str], grantable: frozenset[str], role: Role) -> None:
    faults = [
        FieldError(
            "#/scopes",
            "scope_not_given",
            f"your key does not have {scope}"
            if scope in SCOPES[role]
            else f"the role {role.value} cannot have {scope}",
        )
        for scope in sorted(scopes - grantable)
    ]
    if faults:
        raise ScopeNotGiven(faults=faults)


def _expiry(session: ReadSession, requested: datetime | None) -> datetime | None:
    """Return when a new key expires: never later than the key of the caller."""
    if requested is not None and requested <= session.now:
        detail = "is in the past; leave it out for a key that does not expire by itself"
        raise InvalidInput(faults=[FieldError("#/expires_at", "in_the_past", detail)])
    latest = _caller_key_expiry(session)
    if latest is None or requested is None:
        return requested or latest
    if requested > latest:
        detail = f"is later than the expiry of your own key, {latest.isoformat()}"
        raise InvalidInput(faults=[FieldError("#/expires_at", "after_your_own", detail)])
    return requested


def _caller_key_expiry(session: ReadSession) -> datetime | None:
    """Return when the key of this request expires, if ever."""
    key_id = session.caller.key_id
    key = session.one_or_none(KEY_BY_ID, id=key_id) if key_id else None
    return key.expires_at if key else None


def _key_row(session: ReadSession, key_id: KeyId) -> KeyRecord:
    return session.get(KEY_BY_ID, KeyNotFound, id=key_id)
