"""Sessions: everything that a service does to the database, for one caller, in one transaction.

Reads go through tenant queries. Writes change a row as it was read (optimistic locking), publish
domain events and enqueue jobs. A session never commits.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, Protocol, Self, TypeVar, cast

from sqlalchemy import (
    Connection,
    Delete,
    Insert,
    Update,
    bindparam,
    delete,
    insert,
    update,
)
from sqlalchemy.exc import MultipleResultsFound, StatementError

from app.core.messaging.domain_event import DomainEvent
from app.core.messaging.job_queue import ENQUEUE_CTE, enqueue, enqueue_params
from app.core.messaging.outbox import (
    FAN_OUT,
    RecipientQuery,
    event_params,
    insert_event,
    insert_event_at_next_position,
)
from app.core.persistence.base import TenantModel
from app.core.persistence.compiled import CompiledStatement, DeferredStatement, compile_cached
from app.core.persistence.tenancy import Caller, Projection, TenantQuery, system_caller
from app.core.problems import PreconditionFailed, Problem
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS, Preconditions, etag_of
from app.core.unit_of_work.retries import ConcurrentUpdateError
from app.kit.cursors import CursorSigner
from app.kit.ids import EventId, Ids, MalformedIdError

Changing = TypeVar("Changing", Update, Delete)

_NOTHING_YET = (
    "The resource does not exist yet, so it has no version. "
    "Retry with `If-None-Match: *` instead of `If-Match`."
)


class VersionedRow(Protocol):
    """A row that can be changed: it was read with its id and its version."""

    @property
    def id(self) -> Any:  # noqa: ANN401 - each table has an id type of its own
        """The id."""

    @property
    def version(self) -> int:
        """The version that was read."""


VersionedProjection = TypeVar("VersionedProjection", bound=VersionedRow)


def row_etag(row: VersionedRow) -> str:
    """Return the ETag of a representation that shows this row and nothing else."""
    return etag_of(row.version)


@dataclass(slots=True)
class ReadSession:
    """Reads for one caller; every statement has the tenant filter of the caller's role."""

    connection: Connection
    caller: Caller
    now: datetime
    signer: CursorSigner

    def one_or_none(self, query: TenantQuery[Projection], **params: object) -> Projection | None:
        """Return the one row, or None."""
        rows = self.all(query, **params)
        if len(rows) > 1:
            raise MultipleResultsFound(query.model.__tablename__)
        return rows[0] if rows else None

    def get(
        self, query: TenantQuery[Projection], missing: type[Problem], **params: object
    ) -> Projection:
        """Return the one row; raise the problem when the caller sees none."""
        row = self.one_or_none(query, **params)
        if row is None:
            raise missing
        return row

    def all(self, query: TenantQuery[Projection], **params: object) -> Sequence[Projection]:
        """Return every row, in the order of the statement."""
        statement = query.for_role(self.caller.role)
        values = {
            "now": self.now,
            **params,
            "workspace_id": self.caller.workspace_id,
            "member_id": self.caller.member_id,
        }
        make_row = cast("Callable[[Iterable[Any]], Projection]", query.projection._make)  # type: ignore[attr-defined]  # a NamedTuple
        compiled = compile_cached(statement, self.connection.dialect)
        if compiled.is_static:
            return compiled.fetch_all(self.connection, values, make_row)
        try:
            return [make_row(row) for row in self.connection.execute(statement, values)]
        except StatementError as error:
            if isinstance(error.orig, MalformedIdError):
                raise error.orig from None
            raise

    def as_system(self) -> Self:
        """Return this session with the service itself as its caller, in the same transaction.

        For records that the caller may not see: steps that follow from a recruiter's change, sums
        over the records of all candidates.
        """
        return replace(self, caller=system_caller(self.caller.workspace_id))


@dataclass(slots=True)
class WriteSession(ReadSession):
    """Reads and writes in one transaction.

    `recipient_query` finds the recruiter who may see an event. `try_advisory_lock` takes a lock,
    named by a number, until the transaction ends; it returns False when another holds it.
    """

    new_id: Ids
    recipient_query: RecipientQuery
    try_advisory_lock: Callable[[int], bool]
    preconditions: Preconditions = NO_PRECONDITIONS
    pending_events: deque[DomainEvent] = field(default_factory=deque)
    enqueued: set[tuple[str, str, datetime]] = field(default_factory=set)

    def get_for_update(
        self,
        query: TenantQuery[VersionedProjection],
        missing: type[Problem],
        *,
        etag: Callable[[VersionedProjection], str] = row_etag,
        **params: object,
    ) -> VersionedProjection:
        """Return the one row, in the version that the request names.

        Raises the problem when the caller sees no row, PreconditionFailed when `If-Match` does not
        match. Nothing is locked: a change in between fails in `update`, and the unit of work is
        retried.
        """
        row = self.get(query, missing, **params)
        self.check_precondition(etag(row))
        return row

    def add(self, table: type[TenantModel], **values: object) -> str:
        """Insert one row into the caller's workspace and return its id."""
        if "id" not in values:
            values["id"] = self.new_id(table.id_prefix)
        row = {**values, **self._audit_columns()}
        self._compiled(_insert(table), row).execute(self.connection, row)
        return cast("str", values["id"])

    def add_all(self, table: type[TenantModel], rows: Sequence[dict[str, Any]]) -> None:
        """Insert many rows that have the same columns."""
        audit = self._audit_columns()
        complete = [{"id": self.new_id(table.id_prefix), **row, **audit} for row in rows]
        if complete:
            self._compiled(_insert(table), complete[0]).executemany(self.connection, complete)

    def update(self, table: type[TenantModel], row: VersionedRow, **values: object) -> bool:
        """Change a row; where nothing would change, its version stays.

        Returns whether it was changed. Raises ConcurrentUpdateError when it is no longer the row
        that was read.
        """
        if not has_changes(row, values):
            return False
        self.force_update(table, row, **values)
        return True

    def force_update(self, table: type[TenantModel], row: VersionedRow, **values: object) -> None:
        """Change a row, or only something shown with it; its version always changes.

        Raises ConcurrentUpdateError when it is no longer the row that was read.
        """
        params = {**values, "updated_at": self.now, **self._row_params(row)}
        if self._compiled(_update(table), params).execute(self.connection, params) != 1:
            raise ConcurrentUpdateError(table.__tablename__)

    def delete(self, table: type[TenantModel], row: VersionedRow) -> None:
        """Delete a row; foreign keys delete the rows that depend on it.

        Raises ConcurrentUpdateError when it is no longer the row that was read.
        """
        params = self._row_params(row)
        if self._compiled(_delete(table), params).execute(self.connection, params) != 1:
            raise ConcurrentUpdateError(table.__tablename__)

    def publish(self, event: DomainEvent) -> None:
        """Publish a domain event: its handlers run in this transaction, before the commit."""
        self.pending_events.append(event)

    def enqueue(self, kind: str, *, key: str = "", at: datetime | None = None) -> None:
        """Enqueue a background job, due at that time or as soon as this is committed.

        Several events of one transaction may need the same job; it is enqueued once.
        """
        due_at = at or self.now
        if (kind, key, due_at) not in self.enqueued:
            self.enqueued.add((kind, key, due_at))
            params = enqueue_params(self.caller.workspace_id, kind, due_at, key=key)
            enqueue(self.connection, params)

    def append_events(self, *events: DomainEvent) -> list[EventId]:
        """Write events to the outbox now and return their ids.

        Only for callers who need an id: published events are written before the commit.
        """
        inserts = self.outbox_statement(events)
        inserts.statement.execute_each(self.connection, inserts.rows)
        return [cast("EventId", row["event_id"]) for row in inserts.rows]

    def outbox_statement(self, events: Sequence[DomainEvent]) -> DeferredStatement:
        """Return the statement that writes events to the outbox, to be deferred to the commit.

        It locks the position counter of the workspace from here to the commit, so call it last.
        """
        self.enqueued.add((FAN_OUT, "", self.now))
        job = enqueue_params(self.caller.workspace_id, FAN_OUT, self.now, times=len(events))
        rows = [event_params(event, self.new_id) | job for event in events]
        if len(rows) == 1 and self.connection.dialect.name == "postgresql":
            single = insert_event_at_next_position(self.recipient_query, ENQUEUE_CTE)
            return DeferredStatement(self._compiled(single), rows)
        last = enqueue(self.connection, job)
        for position, row in enumerate(rows, start=last - len(rows) + 1):
            row["at_position"] = position
        return DeferredStatement(self._compiled(insert_event(self.recipient_query)), rows)

    def check_precondition(self, etag: str | None) -> None:
        """Raise PreconditionFailed unless the preconditions of the request allow the write.

        The ETag is None where the resource does not exist yet.
        """
        if self.preconditions.allows(etag):
            return
        if etag is None:
            raise PreconditionFailed(_NOTHING_YET, current=None)
        raise PreconditionFailed(headers={"ETag": etag}, current=etag)

    def _compiled(
        self, statement: Insert | Update | Delete, column_names: Iterable[str] = ()
    ) -> CompiledStatement:
        return compile_cached(statement, self.connection.dialect, tuple(column_names))

    def _row_params(self, row: VersionedRow) -> dict[str, object]:
        """Return the parameters of `_optimistic_lock`."""
        workspace_id = self.caller.workspace_id
        return {"workspace": workspace_id, "identity": row.id, "read_version": row.version}

    def _audit_columns(self) -> dict[str, object]:
        """Return the columns that every new row has: its workspace, its times and its version."""
        return {
            "workspace_id": self.caller.workspace_id,
            "created_at": self.now,
            "updated_at": self.now,
            "version": 1,
        }


def has_changes(row: object, values: Mapping[str, object]) -> bool:
    """Whether any of these columns has another value in the row as it was read."""
    return any(getattr(row, name) != value for name, value in values.items())


@cache
def _insert(table: type[TenantModel]) -> Insert:
    return insert(table.table())


@cache
def _update(table: type[TenantModel]) -> Update:
    # The parameters of each execution name the columns that change.
    return _optimistic_lock(update(table.table()), table).values(version=table.version + 1)


@cache
def _delete(table: type[TenantModel]) -> Delete:
    return _optimistic_lock(delete(table.table()), table)


def _optimistic_lock(statement: Changing, table: type[TenantModel]) -> Changing:
    return statement.where(
        table.workspace_id == bindparam("workspace"),
        table.id == bindparam("identity"),
        table.version == bindparam("read_version"),
    )


EventHandlers = Mapping[type[DomainEvent], Sequence[Callable[[WriteSession, Any], None]]]
"""The handlers of each type of event, in the order in which they run, within its transaction."""
