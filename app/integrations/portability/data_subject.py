"""A person's whole data: shown to them, or erased."""

from dataclasses import replace
from typing import Any

from pydantic_core import to_json
from sqlalchemy import bindparam, select, true

from app.accounts.events import MemberErased
from app.accounts.models import MemberRow
from app.accounts.problems import MemberNotFound
from app.accounts.repository import MEMBER_BY_ID
from app.core.http.idempotency import IdempotencyRecordRow, purge_responses
from app.core.persistence.tenancy import Role, TenantQuery
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.integrations.portability.personal_data_tables import (
    personal_data_tables,
    unlink_statements,
)
from app.integrations.portability.problems import ErasureNotConfirmed, LastAdministrator
from app.integrations.portability.schemas import Confirmation, Erased
from app.kit.ids import MemberId, min_id

Place = tuple[int, str]
"""How far an export is: which kind of record, and the id of the last one shown."""

BEGINNING: Place = (0, "")

_AT_ONCE = 500

_ROLES = TenantQuery(
    MemberRow, select(MemberRow.role).where(MemberRow.id != bindparam("besides")).distinct()
)

# What recruiters and administrators were answered may tell of anybody; what a candidate was
# answered tells of that candidate, and of recruiters to whom something is open.
_FORGET_WHAT_OTHERS_HEARD = purge_responses(
    IdempotencyRecordRow.member_id.in_(
        select(MemberRow.id).where(
            MemberRow.workspace_id == bindparam("workspace"),
            MemberRow.role != Role.CANDIDATE.value,
        )
    )
)
_FORGET_WHAT_ALL_HEARD = purge_responses(true())


def export_personal_data(work: ReadSession, place: Place) -> tuple[bytes, Place | None]:
    """Return some of the caller's own records as lines, and where to go on, if anywhere."""
    which, after = place
    kinds = personal_data_tables()
    here = kinds[which]
    # Whose records are read stands in the statement itself; no role sees all that is its own.
    rows = _as_service(work).all(
        here.after,
        whose=work.caller.member_id,
        after=after or min_id(here.table.id_prefix),
        limit=_AT_ONCE,
    )
    lines = b"".join(_line(here.kind, row) for row in rows)
    if len(rows) == _AT_ONCE:
        return lines, (which, rows[-1].id)
    return lines, (which + 1, "") if which + 1 < len(kinds) else None


def erase_member(work: WriteSession, member_id: MemberId, wanted: Confirmation) -> Erased:
    """Erase a member and all that is theirs; what they wrote to others stays, without them.

    Others are never told what there was: only the person and administrators get here.
    """
    member = _member(work, member_id)
    if wanted.confirm != member_id:
        raise ErasureNotConfirmed
    if member.role == Role.ADMIN:
        _leave_an_administrator(work, member_id)
    named = {"workspace": work.caller.workspace_id, "whose": member_id}
    for loosen in unlink_statements():
        work.connection.execute(loosen, {**named, "now": work.now})
    records = {}
    for each in reversed(personal_data_tables()):
        count = work.connection.execute(each.erase, named).rowcount
        if count:
            records[each.kind] = count
    is_named_to_candidates = member.role == Role.RECRUITER
    forget = _FORGET_WHAT_ALL_HEARD if is_named_to_candidates else _FORGET_WHAT_OTHERS_HEARD
    work.connection.execute(forget, named)
    work.publish(MemberErased(member_id))
    return Erased(records=records)


def _member(work: ReadSession, member_id: MemberId) -> MemberRow:
    own = member_id == work.caller.member_id
    row = (_as_service(work) if own else work).one_or_none(MEMBER_BY_ID, id=member_id)
    if row is None:
        raise MemberNotFound
    return row


def _leave_an_administrator(work: ReadSession, member_id: MemberId) -> None:
    others = [row.role for row in _as_service(work).all(_ROLES, besides=member_id)]
    if others and Role.ADMIN not in others:
        raise LastAdministrator


def _as_service(work: ReadSession) -> ReadSession:
    return replace(work, caller=replace(work.caller, role=Role.SERVICE))


def _line(kind: str, row: Any) -> bytes:  # noqa: ANN401 - a row of whichever table
    return to_json({"kind": kind, "data": row._asdict()}) + b"\n"
