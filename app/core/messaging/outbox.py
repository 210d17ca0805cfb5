"""Transactional outbox: domain events as rows, written in the transaction that published them.

`position` numbers the events of a workspace in the order of their commits, without gaps, so that a
reader who has seen a position has seen everything before it. `sequence` numbers the events of one
resource.
"""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

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

FAN_OUT = "fan_out"
"""The kind of job that turns new events of a workspace into webhook deliveries."""

RecipientQuery = ScalarSelect[Any]
"""Selects the recruiter of application `of_application` in workspace `workspace`, if any."""


class EventRow(TenantModel):
    """A domain event. `recruiter_id` is the recruiter who may see it, decided when it occurred.

    Recruiters are shown `recruiter_sequence`, which counts only the events that they may see: a
    gap in `sequence` would reveal that something private changed.
    """

    __tablename__ = "events"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        Index("uq_events_position", "workspace_id", "position", unique=True),
        Index("uq_events_sequence", "workspace_id", "subject", "sequence", unique=True),
        Index("ix_events_candidate", "workspace_id", "candidate_id", "position"),
        # Partial: most events have no recruiter, and every request pays for every index.
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
        """Return the events of a recruiter's applications that are not private."""
        return and_(cls.recruiter_id == bindparam("member_id"), not_(cls.is_private))


class EventRecord(NamedTuple):
    """An event as it is listed and delivered."""

    id: EventId
    candidate_id: MemberId | None
    recruiter_id: MemberId | None
    position: int
    subject: str
    sequence: int
    recruiter_sequence: int | None
    name: str
    schema_version: int
    is_private: bool
    payload: dict[str, Any]
    created_at: datetime


class Position(NamedTuple):
    """A position in the log of a workspace."""

    position: int


# Literals, because every bound value is sent to the database with every event.
_ZERO: ColumnElement[int] = literal_column("0", BigInteger())
_ONE: ColumnElement[int] = literal_column("1", BigInteger())

POSITION_PARAM: ColumnElement[int] = bindparam("at_position", type_=BigInteger())

LATEST_POSITION = TenantQuery(
    EventRow,
    Position,
    select(func.coalesce(func.max(EventRow.position), _ZERO).label("position")),
)

EVENTS_AFTER = TenantQuery(
    EventRow,
    EventRecord,
    select(*EventRow.columns_of(EventRecord))
    .where(EventRow.position > bindparam("after"))
    .order_by(EventRow.position)
    .limit(bindparam("limit")),
)


def event_params(event: DomainEvent, new_id: Ids) -> dict[str, object]:
    """Return the parameters with which the INSERT statements below store an event."""
    return {
        "event_id": new_id(EventRow.id_prefix),
        "of_candidate": event.candidate,
        "named_recruiter": event.recruiter,
        "of_application": event.application_id,
        "of_subject": event.subject,
        "event_name": event.name,
        "event_version": event.schema_version,
        "for_candidate_only": event.is_private or event.is_private_instance,
        "event_payload": event.payload(),
    }


@cache
def insert_event(recipient: RecipientQuery) -> Insert:
    """Return the INSERT of an event at the position of `POSITION_PARAM`.

    The caller has enqueued the fan-out job before, whose requested count is the position. Its row
    is locked until the commit, so no other transaction uses the same position.
    """
    recruiter = _recruiter(recipient)
    columns = _columns(recruiter, POSITION_PARAM)
    values = select(*columns.values()).select_from(recruiter)
    return insert(EventRow.table()).from_select(list(columns), values)


@cache
def insert_event_at_next_position(recipient: RecipientQuery, enqueue: CTE) -> Insert:
    """Return one statement that enqueues the fan-out job and inserts the event (PostgreSQL only).

    It saves a round trip. Concurrent events of one resource violate `uq_events_sequence`, and the
    unit of work is retried.
    """
    recruiter = _recruiter(recipient)
    columns = _columns(recruiter, enqueue.c.requested_count)
    values = select(*columns.values()).select_from(enqueue).join(recruiter, true())
    return insert(EventRow.table()).from_select(list(columns), values)


def _recruiter(recipient: RecipientQuery) -> Subquery:
    """Return the recruiter who may see the event: looked up once, used three times."""
    named = bindparam("named_recruiter", type_=TypeIdType("mem"))
    return select(func.coalesce(named, recipient).label("id")).subquery("recruiter")


def _columns(recruiter: Subquery, position: ColumnElement[int]) -> dict[str, ColumnElement[Any]]:
    """Return the columns of a new event, each value bound once.

    The parameters `workspace` and `at` are also those of the fan-out job.
    """
    events = EventRow.table()
    workspace = bindparam("workspace", type_=events.c.workspace_id.type)
    subject = bindparam("of_subject", type_=events.c.subject.type)
    is_private = bindparam("for_candidate_only", type_=events.c.is_private.type)
    next_sequence = select(func.coalesce(func.max(events.c.sequence), _ZERO) + _ONE).where(
        events.c.workspace_id == workspace, events.c.subject == subject
    )
    next_for_recruiter = select(
        func.coalesce(func.max(events.c.recruiter_sequence), _ZERO) + _ONE
    ).where(
        events.c.workspace_id == workspace,
        events.c.subject == subject,
        events.c.recruiter_id == recruiter.c.id,
    )
    now = bindparam("at", type_=events.c.created_at.type)
    return {
        "workspace_id": workspace,
        "id": bindparam("event_id", type_=events.c.id.type),
        "candidate_id": bindparam("of_candidate", type_=events.c.candidate_id.type),
        "recruiter_id": recruiter.c.id,
        "position": position,
        "subject": subject,
        "sequence": next_sequence.scalar_subquery(),
        "recruiter_sequence": case(
            (
                and_(recruiter.c.id.is_not(None), not_(is_private)),
                next_for_recruiter.scalar_subquery(),
            ),
            else_=null(),
        ),
        "name": bindparam("event_name", type_=events.c.name.type),
        "schema_version": bindparam("event_version", type_=events.c.schema_version.type),
        "is_private": is_private,
        "payload": bindparam("event_payload", type_=events.c.payload.type),
        "created_at": now,
        "updated_at": now,
        "version": _ONE,
    }
