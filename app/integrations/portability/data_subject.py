"""Data subject rights (GDPR): export and erasure of all records of one person."""

from typing import Any, NamedTuple

from pydantic_core import to_json
from sqlalchemy import bindparam, select, true

from app.accounts.events import MemberErased
from app.accounts.models import MemberRow
from app.accounts.problems import MemberNotFound
from app.accounts.repository import MEMBER_BY_ID, MemberRecord
from app.core.http.idempotency_records import IdempotencyRecordRow, purge_responses
from app.core.persistence.tenancy import Role, TenantQuery
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.integrations.portability.personal_data_tables import (
    personal_data_tables,
    unlink_statements,
)
from app.integrations.portability.problems import ErasureNotConfirmed, LastAdministrator
from app.integrations.portability.schemas import ErasedRecords, ErasureCreate
from app.kit.ids import MemberId, min_id

ExportPosition = tuple[int, str]
"""The index of a kind of record, and the id of the last record that was exported."""

START: ExportPosition = (0, "")

_BATCH_SIZE = 500


class MemberRole(NamedTuple):
    """A role that some member has."""

    role: Role


_ROLES_OF_OTHERS = TenantQuery(
    MemberRow,
    MemberRole,
    select(MemberRow.role).where(MemberRow.id != bindparam("member_to_erase")).distinct(),
)

# Stored responses to recruiters and administrators may mention anybody. Those to a candidate
# mention that candidate, and the recruiters who may see an application.
_PURGE_RESPONSES_TO_NON_CANDIDATES = purge_responses(
    IdempotencyRecordRow.member_id.in_(
        select(MemberRow.id).where(
            MemberRow.workspace_id == bindparam("workspace"),
            MemberRow.role != Role.CANDIDATE,
        )
    )
)
_PURGE_ALL_RESPONSES = purge_responses(true())


def export_personal_data(
    session: ReadSession, position: ExportPosition
) -> tuple[bytes, ExportPosition | None]:
    """Return some of the caller's records as JSON lines, and the position to go on from, if any."""
    index, after = position
    tables = personal_data_tables()
    table = tables[index]
    # The statement itself is restricted to the caller; no role filter gives exactly their records.
    rows = session.as_system().all(
        table.query,
        person=session.caller.member_id,
        after=after or min_id(table.table.id_prefix),
        limit=_BATCH_SIZE,
    )
    lines = b"".join(_line(table.kind, row) for row in rows)
    if len(rows) == _BATCH_SIZE:
        return lines, (index, rows[-1].id)
    return lines, (index + 1, "") if index + 1 < len(tables) else None


def erase_member(session: WriteSession, member_id: MemberId, body: ErasureCreate) -> ErasedRecords:
    """Erase a member and all their records; what they wrote to others stays, without their name.

    The response counts the erased records, so only the member and administrators get here.
    """
    member = _member(session, member_id)
    if body.confirm != member_id:
        raise ErasureNotConfirmed
    if member.role is Role.ADMIN:
        _require_another_administrator(session, member_id)
    params = {"workspace": session.caller.workspace_id, "person": member_id}
    for statement in unlink_statements():
        session.connection.execute(statement, {**params, "now": session.now})
    records = {}
    for table in reversed(personal_data_tables()):
        count = session.connection.execute(table.deletion, params).rowcount
        if count:
            records[table.kind] = count
    is_recruiter = member.role is Role.RECRUITER
    purge = _PURGE_ALL_RESPONSES if is_recruiter else _PURGE_RESPONSES_TO_NON_CANDIDATES
    session.connection.execute(purge, params)
    session.publish(MemberErased(member_id))
    return ErasedRecords(records=records)


def _member(session: ReadSession, member_id: MemberId) -> MemberRecord:
    is_own = member_id == session.caller.member_id
    reader = session.as_system() if is_own else session
    return reader.get(MEMBER_BY_ID, MemberNotFound, id=member_id)


def _require_another_administrator(session: ReadSession, member_id: MemberId) -> None:
    """Raise LastAdministrator when members would remain, and none of them an administrator."""
    rows = session.as_system().all(_ROLES_OF_OTHERS, member_to_erase=member_id)
    roles = [row.role for row in rows]
    if roles and Role.ADMIN not in roles:
        raise LastAdministrator


def _line(kind: str, row: Any) -> bytes:  # noqa: ANN401 - a row of any table
    return to_json({"kind": kind, "data": row._asdict()}) + b"\n"
