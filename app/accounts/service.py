"""What can be done with accounts: found a workspace, take a member in, hand out a key."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from app.accounts.keys import digest_of, new_key
from app.accounts.models import KeyRow, MemberRow, WorkspaceRow
from app.accounts.scopes import SCOPES
from app.core.problems import KeyInvalid
from app.core.tenancy import Caller, Role
from app.core.work import Writing
from app.kit.ids import Ids, KeyId, MemberId, WorkspaceId

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
).where(KeyRow.digest == bindparam("key_digest"))


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; `text` is shown once and stored nowhere."""

    id: KeyId
    member_id: MemberId
    text: str


def identify(connection: Connection, key_digest: bytes, now: datetime) -> Caller:
    """Return who holds this key; raise KeyInvalid when it opens nothing."""
    row = connection.execute(_KEY, {"key_digest": key_digest}).one_or_none()
    if row is None or row.revoked_at or (row.expires_at and row.expires_at <= now):
        raise KeyInvalid
    role = Role(row.role)
    # Never more than the role has now, whatever the key was given once.
    scopes = SCOPES[role].intersection(row.scopes)
    return Caller(row.workspace_id, row.member_id, role, scopes, row.id)


def first_workspace(connection: Connection) -> WorkspaceId | None:
    """Return the oldest workspace, the only one of an embedded database."""
    found: WorkspaceId | None = connection.execute(_FIRST_WORKSPACE).scalar_one_or_none()
    return found


def found_workspace(connection: Connection, name: str, now: datetime, new_id: Ids) -> WorkspaceId:
    """Make a workspace; it has no members yet."""
    workspace_id = WorkspaceId(new_id("ws"))
    connection.execute(
        insert(WorkspaceRow.table()), {"id": workspace_id, "name": name, "created_at": now}
    )
    return workspace_id


def steward(workspace_id: WorkspaceId) -> Caller:
    """Return the service itself, acting in a workspace for nobody in particular."""
    nobody = MemberId("mem_00000000000000000000000000")
    return Caller(workspace_id, nobody, Role.SERVICE, frozenset())


def take_in(work: Writing, name: str, role: Role) -> MemberId:
    """Take a member into the workspace."""
    return MemberId(work.add(MemberRow, name=name, role=role.value))


def issue_key(
    work: Writing,
    member_id: MemberId,
    role: Role,
    name: str,
    *,
    live: bool,
    expires_at: datetime | None = None,
    is_demo: bool = False,
) -> NewKey:
    """Hand out a key with all that the role may do."""
    text = new_key(live=live)
    key_id = work.add(
        KeyRow,
        member_id=member_id,
        role=role.value,
        name=name,
        digest=digest_of(text),
        scopes=sorted(SCOPES[role]),
        is_demo=is_demo,
        expires_at=expires_at,
        revoked_at=None,
    )
    return NewKey(KeyId(key_id), member_id, text)


def forget_expired_demo_keys(work: Writing) -> None:
    """Delete demo keys that no longer open anything; each start makes a new one."""
    work.connection.execute(
        delete(KeyRow.table()).where(
            KeyRow.workspace_id == work.caller.workspace_id,
            KeyRow.is_demo,
            KeyRow.expires_at <= work.now,
        )
    )
