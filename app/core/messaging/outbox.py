"""Facts: what happened, named in the past tense, so that later rooms and the outside can act.

A service announces a fact to its unit of work. Subscribers act on it in the
same transaction, and the same fact becomes an event: the row from which others
are told. A fact carries ids and public words, never a private text.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Index,
    Insert,
    ScalarSelect,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    not_,
    null,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.messaging.domain_event import DomainEvent
from app.core.persistence.base import TenantModel, id_column, tenant_foreign_key
from app.core.persistence.tenancy import TenantQuery
from app.core.persistence.types import TypeIdType
from app.kit.ids import EventId, Ids, MemberId

FAN_OUT = "tell"
"""The kind of job that tells endpoints of what has happened in a workspace."""

RecipientQuery = ScalarSelect[Any]
"""Finds the recruiter to whom the application `of_application` is open, within `workspace`."""


class EventRow(TenantModel):
    """A fact, written in the transaction of the change it tells of.

    `position` counts the events of a workspace in the order in which they were committed, and
    `sequence` those of one resource, without a gap. A recruiter is told `recruiter_sequence`, which
    counts those that they were told of: a gap would tell of what is private.
    """

    __tablename__ = "events"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        Index("uq_events_position", "workspace_id", "position", unique=True),
        Index("uq_events_sequence", "workspace_id", "subject", "sequence", unique=True),
        Index("ix_events_candidate", "workspace_id", "candidate_id", "position"),
        # Most events are told to no recruiter, and each index is paid for by every request.
        Index(
            "ix_events_recruiter",
            "workspace_id",
            "recruiter_id",
            "position",
            sqlite_where=text("recruiter_id IS NOT NULL"),
            postgresql_where=text("recruiter_id IS NOT NULL"),
        ),
        Index(
            "uq_events_recruiter_sequence",
            "workspace_id",
            "recruiter_id",
            "subject",
            "recruiter_sequence",
            unique=True,
            sqlite_where=text("recruiter_sequence IS NOT NULL"),
            postgresql_where=text("recruiter_sequence IS NOT NULL"),
        ),
        {"sqlite_with_rowid": False},
    )
    id_prefix = "evt"

    id: Mapped[EventId] = id_column("evt")
    candidate_id: Mapped[MemberId | None] = mapped_column(TypeIdType("mem"))
    recruiter_id: Mapped[MemberId | None] = mapped_column(TypeIdType("mem"))
    position: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[str]
    sequence: Mapped[int]
    recruiter_sequence: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str]
    schema_version: Mapped[int]
    is_private: Mapped[bool]
    payload: Mapped[dict[str, Any]]

    @classmethod
    def candidate_filter(cls) -> ColumnElement[bool]:
        """Return the events of the candidate's own records."""
        return cls.candidate_id == bindparam("member_id")

    @classmethod
    def recruiter_filter(cls) -> ColumnElement[bool]:
        """Return what a recruiter was told of; never what is private to the candidate."""
        return and_(cls.recruiter_id == bindparam("member_id"), not_(cls.is_private))


# Written out, because each value that is bound is told anew with every event.
_NONE: ColumnElement[int] = literal_column("0", BigInteger())
_ONE: ColumnElement[int] = literal_column("1", BigInteger())

POSITION_PARAM: ColumnElement[int] = bindparam("at_position", type_=BigInteger())

LATEST_POSITION = TenantQuery(
    EventRow, select(func.coalesce(func.max(EventRow.position), 0).label("position"))
)

EVENTS_AFTER = TenantQuery(
    EventRow,
    select(*EventRow.data_columns())
    .where(EventRow.position > bindparam("after"))
    .order_by(EventRow.position)
    .limit(bindparam("limit")),
)


def event_params(fact: DomainEvent, new_id: Ids) -> dict[str, object]:
    """Return what the statements that keep an event are told of a fact."""
    return {
        "event_id": new_id(EventRow.id_prefix),
        "whose": fact.candidate,
        "named_recruiter": fact.recruiter,
        "of_application": fact.application_id,
        "of_subject": fact.subject,
        "told_name": fact.name,
        "told_version": fact.schema_version,
        "for_one": fact.is_private or fact.is_private_instance,
        "told_payload": fact.payload(),
    }


@cache
def insert_event(audience: RecipientQuery, position: ColumnElement[int] = POSITION_PARAM) -> Insert:
    """Return the statement that keeps an event at a position that was counted for it.

    Nobody else can do so at the same time: the counter of positions is locked by then.
    """
    recruiter = _recruiter(audience)
    columns = _columns(recruiter, position)
    chosen = select(*columns.values()).select_from(recruiter)
    return insert(EventRow.table()).from_select(list(columns), chosen)


@cache
def insert_event_at_next_position(audience: RecipientQuery, count: CTE) -> Insert:
    """Return the statement that counts up the position and keeps one event there, in one go.

    For databases that let one statement do both, which spares a request half of what it costs to
    tell of it. Who tells of the same resource at the very same moment is refused, and tries again.
    """
    recruiter = _recruiter(audience)
    columns = _columns(recruiter, count.c.asked)
    chosen = select(*columns.values()).select_from(count).join(recruiter, true())
    return insert(EventRow.table()).from_select(list(columns), chosen)


def _recruiter(audience: RecipientQuery) -> Subquery:
    """Return who is told besides the candidate: looked up once, and used three times."""
    named = bindparam("named_recruiter", type_=TypeIdType("mem"))
    return select(func.coalesce(named, audience).label("id")).subquery("recruiter")


def _columns(recruiter: Subquery, position: ColumnElement[int]) -> dict[str, ColumnElement[Any]]:
    """Return the columns of an event, each value bound once; it numbers those of each resource.

    `workspace` and `at` are also what its job is asked for with.
    """
    own = EventRow.table()
    here = bindparam("workspace", type_=own.c.workspace_id.type)
    subject = bindparam("of_subject", type_=own.c.subject.type)
    is_for_one = bindparam("for_one", type_=own.c.is_private.type)
    next_one = select(func.coalesce(func.max(own.c.sequence), _NONE) + _ONE).where(
        own.c.workspace_id == here, own.c.subject == subject
    )
    next_for_recruiter = select(func.coalesce(func.max(own.c.recruiter_sequence), _NONE) + _ONE)
    next_for_recruiter = next_for_recruiter.where(
        own.c.workspace_id == here, own.c.subject == subject, own.c.recruiter_id == recruiter.c.id
    )
    now = bindparam("at", type_=own.c.created_at.type)
    return {
        "workspace_id": here,
        "id": bindparam("event_id", type_=own.c.id.type),
        "candidate_id": bindparam("whose", type_=own.c.candidate_id.type),
        "recruiter_id": recruiter.c.id,
        "position": position,
        "subject": subject,
        "sequence": next_one.scalar_subquery(),
        "recruiter_sequence": case(
            (
                and_(recruiter.c.id.is_not(None), not_(is_for_one)),
                next_for_recruiter.scalar_subquery(),
            ),
            else_=null(),
        ),
        "name": bindparam("told_name", type_=own.c.name.type),
        "schema_version": bindparam("told_version", type_=own.c.schema_version.type),
        "is_private": is_for_one,
        "payload": bindparam("told_payload", type_=own.c.payload.type),
        "created_at": now,
        "updated_at": now,
        "version": _ONE,
    }
