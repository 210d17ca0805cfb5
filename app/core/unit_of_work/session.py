"""Read and write sessions: everything that a service does to the database."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

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
from sqlalchemy.exc import (
    MultipleResultsFound,
    StatementError,
)

from app.core.messaging.domain_event import DomainEvent
from app.core.messaging.job_queue import (
    ENQUEUE_CTE,
    NEXT_REQUESTED_COUNT,
    enqueue,
    enqueue_params,
)
from app.core.messaging.outbox import (
    FAN_OUT,
    RecipientQuery,
    event_params,
    insert_event,
    insert_event_at_next_position,
)
from app.core.persistence.base import TenantModel
from app.core.persistence.commit_pipeline import DeferredStatement
from app.core.persistence.compiled import CompiledStatement, compile_cached
from app.core.persistence.tenancy import Caller, TenantModelT, TenantQuery
from app.core.problems import StaleVersion
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS, Preconditions
from app.core.unit_of_work.retries import ConcurrentUpdateError
from app.kit.cursors import CursorSigner
from app.kit.ids import EventId, Ids, MalformedIdError

Changing = TypeVar("Changing", Update, Delete)
_NOTHING_YET = (
    "There is nothing here yet, so there is no version of it that you could have seen. "
    "Repeat with `If-None-Match: *` in place of `If-Match`."
)


@dataclass(slots=True)
class ReadSession:
    """Reads on behalf of one caller; every statement is fenced to what that caller may see."""

    connection: Connection
    caller: Caller
    now: datetime
    signer: CursorSigner

    def one_or_none(
        self, query: TenantQuery[TenantModelT], **values: object
    ) -> TenantModelT | None:
        """Return the one row, or None."""
        rows = self._rows(query, values)
        if len(rows) > 1:
            raise MultipleResultsFound(query.over.__tablename__)
        return rows[0] if rows else None

    def all(self, query: TenantQuery[TenantModelT], **values: object) -> Sequence[TenantModelT]:
        """Return every row, in the order of the statement."""
        return self._rows(query, values)

    def _rows(self, query: TenantQuery[Any], values: dict[str, object]) -> Sequence[Any]:
        statement = query.for_role(self.caller.role)
        caller = self.caller
        whose = {"workspace_id": caller.workspace_id, "member_id": caller.member_id}
        bound = {"now": self.now, **values, **whose}
        ready = compile_cached(statement, self.connection.dialect)
        if ready.is_static:
            return ready.fetch_all(self.connection, bound)
        try:
            return self.connection.execute(statement, bound).all()
        except StatementError as error:
            if isinstance(error.orig, MalformedIdError):
                raise error.orig from None
            raise


@dataclass(slots=True)
class WriteSession(ReadSession):
    """Reads and changes, in one transaction.

    `audience` finds who else is told of a fact. `claim` takes a lock, named by a number, until
    the transaction ends; it returns False when another transaction holds it.
    """

    new_id: Ids
    audience: RecipientQuery
    try_advisory_lock: Callable[[int], bool]
    conditions: Preconditions = NO_PRECONDITIONS
    pending_events: deque[DomainEvent] = field(default_factory=deque)
    enqueued: set[tuple[str, str, datetime]] = field(default_factory=set)

    def add(self, table: type[TenantModel], **values: object) -> str:
        """Insert one row into the caller's workspace and return its id."""
        if "id" not in values:
            values["id"] = self.new_id(table.id_prefix)
        row = {**values, **self._audit_columns()}
        self._prepared(_insert(table), row).execute(self.connection, row)
        return cast("str", values["id"])

    def add_all(self, table: type[TenantModel], rows: Sequence[dict[str, Any]]) -> None:
        """Insert many rows of one shape at once."""
        stamp = self._audit_columns()
        stamped = [{"id": self.new_id(table.id_prefix), **row, **stamp} for row in rows]
        if stamped:
            self._prepared(_insert(table), stamped[0]).executemany(self.connection, stamped)

    def update(self, table: type[TenantModel], row: TenantModel, **values: object) -> bool:
        """Change a row as it was read; where nothing would change it stays the same version.

        Returns whether it was changed. Raises RacedError when it is no longer that row.
        """
        if not has_changes(row, values):
            return False
        self.force_update(table, row, **values)
        return True

    def force_update(self, table: type[TenantModel], row: TenantModel, **values: object) -> None:
        """Change a row, or only what is shown with it: it is another version afterwards.

        Raises RacedError when it is no longer the row that was read.
        """
        told = {**values, "updated_at": self.now, **self._optimistic_lock(row)}
        if self._prepared(_update(table), told).execute(self.connection, told) != 1:
            raise ConcurrentUpdateError(table.__tablename__)

    def delete(self, table: type[TenantModel], row: TenantModel) -> None:
        """Delete a row as it was read, with what belongs to it."""
        told = self._optimistic_lock(row)
        if self._prepared(_delete(table), told).execute(self.connection, told) != 1:
            raise ConcurrentUpdateError(table.__tablename__)

    def publish(self, fact: DomainEvent) -> None:
        """Let later rooms and the outside know, once this transaction is committed."""
        self.pending_events.append(fact)

    def enqueue(self, kind: str, *, key: str = "", at: datetime | None = None) -> None:
        """Have a worker do something, at that time or as soon as this is committed.

        Many facts of one transaction may want the same: once is enough.
        """
        wanted = (kind, key, at or self.now)
        if wanted not in self.enqueued:
            self.enqueued.add(wanted)
            enqueue(
                self.connection, enqueue_params(self.caller.workspace_id, kind, wanted[2], key=key)
            )

    def append_events(self, *facts: DomainEvent) -> list[EventId]:
        """Write facts down as events, in the order of the commits, and have them told.

        Whoever announces a fact need not: it is kept in the end.
        """
        kept = self.outbox_statement(facts)
        kept.statement.execute_each(self.connection, kept.rows)
        return [cast("EventId", row["event_id"]) for row in kept.rows]

    def outbox_statement(self, facts: Sequence[DomainEvent]) -> DeferredStatement:
        """Return the statement that keeps these facts, which nobody has to wait for."""
        self.enqueued.add((FAN_OUT, "", self.now))
        wanted = enqueue_params(self.caller.workspace_id, FAN_OUT, self.now, times=len(facts))
        rows = [event_params(fact, self.new_id) | wanted for fact in facts]
        if self.connection.dialect.name == "sqlite":  # where events ask to be told by themselves
            return DeferredStatement(
                self._prepared(insert_event(self.audience, NEXT_REQUESTED_COUNT)), rows
            )
        if len(rows) == 1:
            return DeferredStatement(
                self._prepared(insert_event_at_next_position(self.audience, ENQUEUE_CTE)), rows
            )
        last = enqueue(self.connection, wanted)
        for position, row in enumerate(rows, start=last - len(rows) + 1):
            row["at_position"] = position
        return DeferredStatement(self._prepared(insert_event(self.audience)), rows)

    def check_precondition(self, tag: str | None) -> None:
        """Raise StaleVersion when the caller has seen another version than this one.

        The tag is None where there is nothing yet.
        """
        if self.conditions.allows(tag):
            return
        if tag is None:
            raise StaleVersion(_NOTHING_YET, current=None)
        raise StaleVersion(headers={"ETag": tag}, current=tag)

    def _prepared(
        self, statement: Insert | Update | Delete, given: Iterable[str] = ()
    ) -> CompiledStatement:
        return compile_cached(statement, self.connection.dialect, tuple(given))

    def _optimistic_lock(self, row: TenantModel) -> dict[str, object]:
        """Return what names a row and the version of it that was read."""
        here = self.caller.workspace_id
        return {"workspace": here, "identity": row.id, "read_version": row.version}

    def _audit_columns(self) -> dict[str, object]:
        """Return what every new row has: its workspace, its times and its version."""
        return {
            "workspace_id": self.caller.workspace_id,
            "created_at": self.now,
            "updated_at": self.now,
            "version": 1,
        }


def has_changes(row: TenantModel, values: Mapping[str, object]) -> bool:
    """Tell whether any of these columns is another in the row as it was read."""
    return any(getattr(row, name) != value for name, value in values.items())


@cache
def _insert(table: type[TenantModel]) -> Insert:
    return insert(table.table())


@cache
def _update(table: type[TenantModel]) -> Update:
    # The columns that change are named by the parameters of each execution.
    return _as_read(update(table.table()), table).values(version=table.version + 1)


@cache
def _delete(table: type[TenantModel]) -> Delete:
    return _as_read(delete(table.table()), table)


def _as_read(statement: Changing, table: type[TenantModel]) -> Changing:
    return statement.where(
        table.workspace_id == bindparam("workspace"),
        table.id == bindparam("identity"),
        table.version == bindparam("read_version"),
    )
