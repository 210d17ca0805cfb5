"""What can be done with accounts: found a workspace, take members in, hand out and end keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from sqlalchemy import Connection, bindparam, delete, insert, select

from app.accounts.keys import digest_of, new_key
from app.accounts.models import KeyRow, MemberRow, WorkspaceRow
from app.accounts.problems import (
    KeyEnded,
    KeyForAnother,
    KeyNotFound,
    MemberNotFound,
    ScopeNotGiven,
)
from app.accounts.repository import KEY_BY_ID, KEYS, MEMBER_BY_ID, MEMBERS
from app.accounts.schemas import Key, KeyCreate, KeyMade, Me, Member, MemberCreate, Rotation
from app.accounts.scopes import SCOPES, Scope
from app.core.http.pagination import fetch_page
from app.core.http.representations import Versioned, etag_of
from app.core.http.schemas import Page
from app.core.persistence.tenancy import Caller, Role
from app.core.problems import FieldError, InvalidInput, KeyInvalid
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.ids import Ids, KeyId, MemberId, WorkspaceId

_USE_IS_KEPT_TO = timedelta(minutes=1)

_FIRST_WORKSPACE = select(WorkspaceRow.id).order_by(WorkspaceRow.created_at).limit(1)

# The one statement that looks across workspaces: it finds out which one a key opens.
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
    """A key that was just made; `text` is shown once and stored nowhere."""

    id: KeyId
    member_id: MemberId
    text: str


@dataclass(frozen=True, slots=True)
class AuthenticatedKey:
    """Who holds a key, for how long yet, and whether it is time to write down that it is used."""

    caller: Caller
    seconds: float
    is_stale: bool


def authenticate_key(connection: Connection, key_digest: bytes, now: datetime) -> AuthenticatedKey:
    """Return who holds this key; raise KeyInvalid when it opens nothing."""
    row = connection.execute(_KEY, {"key_digest": key_digest}).one_or_none()
    if row is None or row.revoked_at or (row.expires_at and row.expires_at <= now):
        raise KeyInvalid
    role = Role(row.role)
    # Never more than the role has now, whatever the key was given once.
    scopes = SCOPES[role].intersection(row.scopes)
    return AuthenticatedKey(
        Caller(row.workspace_id, row.member_id, role, scopes, row.id),
        seconds=(row.expires_at - now).total_seconds() if row.expires_at else inf,
        is_stale=row.last_used_at is None or row.last_used_at < now - _USE_IS_KEPT_TO,
    )


def first_workspace(connection: Connection) -> WorkspaceId | None:
    """Return the oldest workspace, the only one of an embedded database."""
    found: WorkspaceId | None = connection.execute(_FIRST_WORKSPACE).scalar_one_or_none()
    return found


def create_workspace(connection: Connection, name: str, now: datetime, new_id: Ids) -> WorkspaceId:
    """Make a workspace; it has no members yet."""
    workspace_id = WorkspaceId(new_id("ws"))
    connection.execute(
        insert(WorkspaceRow.table()), {"id": workspace_id, "name": name, "created_at": now}
    )
    return workspace_id


def create_member_row(work: WriteSession, name: str, role: Role) -> MemberId:
    """Take a member into the workspace."""
    return MemberId(work.add(MemberRow, name=name, role=role.value))


@dataclass(frozen=True, slots=True)
class Grant:
    """What a key is to be good for; without scopes, all that the role may have."""

    role: Role
    scopes: frozenset[str] | None = None
    expires_at: datetime | None = None
    is_demo: bool = False


def issue_key(
    work: WriteSession,
    member_id: MemberId,
    name: str,
    grant: Grant,
    *,
    live: bool,
    made_by: MemberId | None = None,
) -> NewKey:
    """Hand out a key; its text is returned and not stored."""
    text = new_key(live=live)
    key_id = work.add(
        KeyRow,
        member_id=member_id,
        made_by=made_by,
        role=grant.role.value,
        name=name,
        digest=digest_of(text),
        scopes=sorted(SCOPES[grant.role] if grant.scopes is None else grant.scopes),
        is_demo=grant.is_demo,
        expires_at=grant.expires_at,
        revoked_at=None,
        last_used_at=None,
    )
    return NewKey(KeyId(key_id), member_id, text)


def forget_expired_demo_keys(work: WriteSession) -> None:
    """Delete demo keys that no longer open anything; each start makes a new one."""
    work.connection.execute(
        delete(KeyRow.table()).where(
            KeyRow.workspace_id == work.caller.workspace_id,
            KeyRow.is_demo,
            KeyRow.expires_at <= work.now,
        )
    )


def touch_last_used(work: WriteSession, key_id: KeyId) -> None:
    """Write down, to the minute, that a key is used."""
    row = work.one_or_none(KEY_BY_ID, id=key_id)
    if row is not None:
        work.update(KeyRow, row, last_used_at=work.now.replace(second=0, microsecond=0))


def whoami(work: ReadSession) -> Me:
    """Tell who the caller is."""
    caller = work.caller
    return Me(
        workspace=caller.workspace_id,
        member=caller.member_id,
        role=caller.role.value,
        scopes=sorted(Scope(scope) for scope in caller.scopes),
        key=caller.key_id,
    )


def create_member(work: WriteSession, wanted: MemberCreate) -> Versioned[Member]:
    """Take a member in and show them."""
    return show_member(work, create_member_row(work, wanted.name, Role(wanted.role)))


def show_member(work: ReadSession, member_id: MemberId) -> Versioned[Member]:
    """Show one member; raise MemberNotFound when this caller sees none."""
    row = work.one_or_none(MEMBER_BY_ID, id=member_id)
    if row is None:
        raise MemberNotFound
    return Versioned(_member(row), etag_of(row.version))


def list_members(work: ReadSession, limit: int, cursor: str | None) -> Page[Member]:
    """Show the members this caller may see."""
    return fetch_page(work, MEMBERS, _members, filters={}, limit=limit, cursor=cursor)


def make_key(work: WriteSession, wanted: KeyCreate, *, live: bool) -> Versioned[KeyMade]:
    """Make a key for the caller, or, for an administrator, for any member."""
    member_id, role, may_give = _whose(work, wanted.member)
    scopes = may_give if wanted.scopes is None else frozenset(wanted.scopes)
    _check_scopes(scopes, may_give, role)
    grant = Grant(role, scopes, _end(work, wanted.expires_at))
    by = work.caller.member_id
    made = issue_key(work, member_id, wanted.name, grant, live=live, made_by=by)
    return _show_made(work, made)


def list_keys(work: ReadSession, limit: int, cursor: str | None) -> Page[Key]:
    """Show the keys this caller may see."""
    return fetch_page(work, KEYS, _keys, filters={}, limit=limit, cursor=cursor)


def show_key(work: ReadSession, key_id: KeyId) -> Versioned[Key]:
    """Show one key."""
    row = _key_row(work, key_id)
    return Versioned(_key(row), etag_of(row.version))


def rotate_key(
    work: WriteSession, key_id: KeyId, wanted: Rotation, *, live: bool
) -> Versioned[KeyMade]:
    """Make a key like this one, and let this one end once they have overlapped long enough."""
    row = _key_row(work, key_id)
    if row.revoked_at or (row.expires_at and row.expires_at <= work.now):
        raise KeyEnded
    member_id, role, may_give = _whose(work, row.member_id)
    scopes = SCOPES[role].intersection(row.scopes)
    _check_scopes(scopes, may_give, role)
    limits = [end for end in (row.expires_at, _own_end(work)) if end]
    ends = work.now + timedelta(minutes=wanted.overlap_minutes)
    work.update(KeyRow, row, expires_at=min(ends, row.expires_at or ends))
    grant = Grant(role, scopes, min(limits, default=None))
    by = work.caller.member_id
    made = issue_key(work, member_id, row.name, grant, live=live, made_by=by)
    return _show_made(work, made)


def revoke_key(work: WriteSession, key_id: KeyId) -> Versioned[Key]:
    """End a key for good; ending it again changes nothing."""
    row = _key_row(work, key_id)
    if row.revoked_at is None:
        work.update(KeyRow, row, revoked_at=work.now)
    return show_key(work, key_id)


def _whose(work: WriteSession, member_id: MemberId | None) -> tuple[MemberId, Role, frozenset[str]]:
    """Return the member a key is to be for, their role, and the scopes the caller may give."""
    caller = work.caller
    if member_id in {None, caller.member_id}:
        return caller.member_id, caller.role, caller.scopes
    if caller.role is not Role.ADMIN:
        raise KeyForAnother
    row = work.one_or_none(MEMBER_BY_ID, id=member_id)
    if row is None:
        raise MemberNotFound
    return row.id, Role(row.role), SCOPES[Role(row.role)]


def _check_scopes(wanted: frozenset[str], may_give: frozenset[str], role: Role) -> None:
    faults = [
        FieldError(
            "#/scopes",
            "scope_not_given",
            f"your key does not have {scope}"
            if scope in SCOPES[role]
            else f"{scope} is nothing that the role {role.value} can have",
        )
        for scope in sorted(wanted - may_give)
    ]
    if faults:
        raise ScopeNotGiven(faults=faults)


def _end(work: ReadSession, wanted: datetime | None) -> datetime | None:
    """Return when a new key ends: never later than the one it is made with."""
    if wanted is not None and wanted <= work.now:
        detail = "that has passed, and the key would open nothing; leave it out for one that lasts"
        raise InvalidInput(faults=[FieldError("#/expires_at", "in_the_past", detail)])
    latest = _own_end(work)
    if latest is None or wanted is None:
        return wanted or latest
    if wanted > latest:
        detail = f"your own key ends at {latest.isoformat()}, and this one cannot outlast it"
        raise InvalidInput(faults=[FieldError("#/expires_at", "after_your_own", detail)])
    return wanted


def _own_end(work: ReadSession) -> datetime | None:
    """Return when the key ends with which this call is made, if ever."""
    key_id = work.caller.key_id
    own = work.one_or_none(KEY_BY_ID, id=key_id) if key_id else None
    return own.expires_at if own else None


def _key_row(work: ReadSession, key_id: KeyId) -> KeyRow:
    row = work.one_or_none(KEY_BY_ID, id=key_id)
    if row is None:
        raise KeyNotFound
    return row


def _show_made(work: WriteSession, made: NewKey) -> Versioned[KeyMade]:
    shown = show_key(work, made.id)
    return Versioned(KeyMade(**shown.value.model_dump(), text=made.text), shown.tag)


def _member(row: MemberRow) -> Member:
    return Member(id=row.id, name=row.name, role=row.role, created_at=row.created_at)


def _members(rows: Sequence[MemberRow]) -> list[Member]:
    return [_member(row) for row in rows]


def _key(row: KeyRow) -> Key:
    return Key(
        id=row.id,
        member=row.member_id,
        made_by=row.made_by,
        role=row.role,
        name=row.name,
        scopes=row.scopes,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )


def _keys(rows: Sequence[KeyRow]) -> list[Key]:
    return [_key(row) for row in rows]
