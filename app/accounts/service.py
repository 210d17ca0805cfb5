"""What can be done with accounts: found a workspace, take members in, hand out and end keys."""

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
from app.accounts.schemas import KeyCreate, Me, MemberCreate, Rotation
from app.accounts.scopes import SCOPES, Scope
from app.core.http.pagination import fetch_page
from app.core.http.representations import Resource, ResourcePage
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
    role: Role = row.role
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


def create_member_row(session: WriteSession, name: str, role: Role) -> MemberId:
    """Take a member into the workspace."""
    return MemberId(session.add(MemberRow, name=name, role=role))


@dataclass(frozen=True, slots=True)
class Grant:
    """What a key is to be good for; without scopes, all that the role may have."""

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
    made_by: MemberId | None = None,
) -> NewKey:
    """Hand out a key; its text is returned and not stored."""
    text = new_key(live=live)
    key_id = session.add(
        KeyRow,
        member_id=member_id,
        made_by=made_by,
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


def forget_expired_demo_keys(session: WriteSession) -> None:
    """Delete demo keys that no longer open anything; each start makes a new one."""
    session.connection.execute(
        delete(KeyRow.table()).where(
            KeyRow.workspace_id == session.caller.workspace_id,
            KeyRow.is_demo,
            KeyRow.expires_at <= session.now,
        )
    )


def touch_last_used(session: WriteSession, key_id: KeyId) -> None:
    """Write down, to the minute, that a key is used."""
    row = session.one_or_none(KEY_BY_ID, id=key_id)
    if row is not None:
        session.update(KeyRow, row, last_used_at=session.now.replace(second=0, microsecond=0))


def whoami(session: ReadSession) -> Me:
    """Tell who the caller is."""
    caller = session.caller
    return Me(
        workspace=caller.workspace_id,
        member=caller.member_id,
        role=caller.role.value,
        scopes=sorted(Scope(scope) for scope in caller.scopes),
        key=caller.key_id,
    )


def create_member(session: WriteSession, body: MemberCreate) -> Resource[MemberRecord]:
    """Take a member in and show them."""
    return show_member(session, create_member_row(session, body.name, Role(body.role)))


def show_member(session: ReadSession, member_id: MemberId) -> Resource[MemberRecord]:
    """Show one member; raise MemberNotFound when this caller sees none."""
    return presenters.member(session.get(MEMBER_BY_ID, MemberNotFound, id=member_id))


def list_members(
    session: ReadSession, limit: int, cursor: str | None
) -> ResourcePage[MemberRecord]:
    """Show the members this caller may see."""
    return fetch_page(session, MEMBERS, presenters.MEMBER, filters={}, limit=limit, cursor=cursor)


def make_key(session: WriteSession, body: KeyCreate, *, live: bool) -> Resource[NewKeyRecord]:
    """Make a key for the caller, or, for an administrator, for any member."""
    member_id, role, may_give = _whose(session, body.member)
    scopes = may_give if body.scopes is None else frozenset(body.scopes)
    _check_scopes(scopes, may_give, role)
    grant = Grant(role, scopes, _end(session, body.expires_at))
    by = session.caller.member_id
    made = issue_key(session, member_id, body.name, grant, live=live, made_by=by)
    return presenters.new_key(_get_key(session, made.id), made.text)


def list_keys(session: ReadSession, limit: int, cursor: str | None) -> ResourcePage[KeyRecord]:
    """Show the keys this caller may see."""
    return fetch_page(session, KEYS, presenters.KEY, filters={}, limit=limit, cursor=cursor)


def show_key(session: ReadSession, key_id: KeyId) -> Resource[KeyRecord]:
    """Show one key."""
    return presenters.key(_get_key(session, key_id))


def rotate_key(
    session: WriteSession, key_id: KeyId, body: Rotation, *, live: bool
) -> Resource[NewKeyRecord]:
    """Make a key like this one, and let this one end once they have overlapped long enough."""
    row = _get_key(session, key_id)
    if row.revoked_at or (row.expires_at and row.expires_at <= session.now):
        raise KeyEnded
    member_id, role, may_give = _whose(session, row.member_id)
    scopes = SCOPES[role].intersection(row.scopes)
    _check_scopes(scopes, may_give, role)
    limits = [end for end in (row.expires_at, _own_end(session)) if end]
    ends = session.now + timedelta(minutes=body.overlap_minutes)
    session.update(KeyRow, row, expires_at=min(ends, row.expires_at or ends))
    grant = Grant(role, scopes, min(limits, default=None))
    by = session.caller.member_id
    made = issue_key(session, member_id, row.name, grant, live=live, made_by=by)
    return presenters.new_key(_get_key(session, made.id), made.text)


def revoke_key(session: WriteSession, key_id: KeyId) -> Resource[KeyRecord]:
    """End a key for good; ending it again changes nothing."""
    row = _get_key(session, key_id)
    if row.revoked_at is None:
        session.update(KeyRow, row, revoked_at=session.now)
    return show_key(session, key_id)


def _whose(
    session: WriteSession, member_id: MemberId | None
) -> tuple[MemberId, Role, frozenset[str]]:
    """Return the member a key is to be for, their role, and the scopes the caller may give."""
    caller = session.caller
    if member_id in {None, caller.member_id}:
        return caller.member_id, caller.role, caller.scopes
    if caller.role is not Role.ADMIN:
        raise KeyForAnother
    row = session.get(MEMBER_BY_ID, MemberNotFound, id=member_id)
    return row.id, row.role, SCOPES[row.role]


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


def _end(session: ReadSession, wanted: datetime | None) -> datetime | None:
    """Return when a new key ends: never later than the one it is made with."""
    if wanted is not None and wanted <= session.now:
        detail = "that has passed, and the key would open nothing; leave it out for one that lasts"
        raise InvalidInput(faults=[FieldError("#/expires_at", "in_the_past", detail)])
    latest = _own_end(session)
    if latest is None or wanted is None:
        return wanted or latest
    if wanted > latest:
        detail = f"your own key ends at {latest.isoformat()}, and this one cannot outlast it"
        raise InvalidInput(faults=[FieldError("#/expires_at", "after_your_own", detail)])
    return wanted


def _own_end(session: ReadSession) -> datetime | None:
    """Return when the key ends with which this call is made, if ever."""
    key_id = session.caller.key_id
    own = session.one_or_none(KEY_BY_ID, id=key_id) if key_id else None
    return own.expires_at if own else None


def _get_key(session: ReadSession, key_id: KeyId) -> KeyRecord:
    return session.get(KEY_BY_ID, KeyNotFound, id=key_id)
