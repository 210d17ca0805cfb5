"""OpenID Connect identities: find the member of an identity, or create it at the first sign-in."""

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
    """A user of the OpenID Connect provider, in one role."""

    issuer: str
    subject: str
    role: Role


def find_member(session: ReadSession, identity: Identity) -> MemberId | None:
    """Return the member of this identity, or None before the first sign-in."""
    row = session.one_or_none(_MEMBER, **_columns(identity))
    return None if row is None else row.member_id


def get_or_create_member(session: WriteSession, identity: Identity, name: str) -> MemberId:
    """Return the member of this identity; create the member at the first sign-in.

    Concurrent first sign-ins create one member: on PostgreSQL the second one violates the unique
    index, and its unit of work is retried.
    """
    member_id = find_member(session, identity)
    return member_id or link(session, identity, create_member_row(session, name, identity.role))


def link(session: WriteSession, identity: Identity, member_id: MemberId) -> MemberId:
    """Store the identity of a member."""
    session.add(IdentityRow, member_id=member_id, **_columns(identity))
    return member_id


def _columns(identity: Identity) -> dict[str, object]:
    return {
        "issuer": identity.issuer,
        "subject": identity.subject,
        "role": identity.role,
    }
