"""Who members are to the provider: found at every sign-in, written down at the first."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, select

from app.accounts.models import IdentityRow
from app.accounts.service import create_member_row
from app.core.persistence.tenancy import Role, TenantQuery
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.ids import MemberId


class _MemberOfIdentity(NamedTuple):
    member_id: MemberId


_MEMBER = TenantQuery(
    IdentityRow,
    _MemberOfIdentity,
    select(IdentityRow.member_id).where(
        IdentityRow.issuer == bindparam("issuer"),
        IdentityRow.subject == bindparam("subject"),
        IdentityRow.role == bindparam("role"),
    ),
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as the provider knows them, in one role."""

    issuer: str
    subject: str
    role: Role


def find_member(session: ReadSession, identity: Identity) -> MemberId | None:
    """Return which member this is, if they have signed in before."""
    row = session.one_or_none(_MEMBER, **_columns(identity))
    return None if row is None else row.member_id


def get_or_create_member(session: WriteSession, identity: Identity, name: str) -> MemberId:
    """Return which member this is, taken in now if they are new.

    Whoever comes a moment later finds them: on PostgreSQL the second of two at once runs into the
    unique index and is run again.
    """
    known = find_member(session, identity)
    return known or link(session, identity, create_member_row(session, name, identity.role))


def link(session: WriteSession, identity: Identity, member_id: MemberId) -> MemberId:
    """Write down that this is that member."""
    session.add(IdentityRow, member_id=member_id, **_columns(identity))
    return member_id


def _columns(identity: Identity) -> dict[str, object]:
    return {
        "issuer": identity.issuer,
        "subject": identity.subject,
        "role": identity.role,
    }
