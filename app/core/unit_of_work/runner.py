"""Unit-of-work runner: one service function, one thread, one transaction.

A service function gets a session as its first argument and does everything through it. The runner
runs it on a pool thread, then the handlers of the events it published, writes the outbox, and
commits once. The response is sent after the commit. If anything raises, nothing is stored.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.core.messaging.domain_event import DomainEvent
from app.core.messaging.notifier import LocalNotifier
from app.core.messaging.outbox import RecipientQuery
from app.core.persistence.compiled import DeferredStatement
from app.core.persistence.pools import Database
from app.core.persistence.tenancy import Caller, system_caller
from app.core.problems import Conflict
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS, Preconditions
from app.core.unit_of_work.retries import (
    MAX_ATTEMPTS,
    ConcurrentUpdateError,
    is_retryable,
    is_unique_violation,
)
from app.core.unit_of_work.session import EventHandlers, ReadSession, WriteSession
from app.kit.clock import Clock
from app.kit.cursors import CursorSigner
from app.kit.ids import Ids, WorkspaceId

P = ParamSpec("P")
Result = TypeVar("Result")
State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class UnitOfWorkRunner:
    """Runs service functions, each as one unit of work."""

    database: Database
    clock: Clock
    new_id: Ids
    signer: CursorSigner
    event_handlers: EventHandlers
    recipient_query: RecipientQuery
    notifier: LocalNotifier = field(default_factory=LocalNotifier)

    def bind_read(
        self,
        caller: Caller,
        service: Callable[Concatenate[ReadSession, P], Result],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Callable[[Connection], Result]:
        """Return the unit of work that reads, for `read`."""

        def unit(connection: Connection) -> Result:
            self.database.set_workspace(connection, caller.workspace_id)
            session = ReadSession(connection, caller, self.clock(), self.signer)
            return service(session, *args, **kwargs)

        return unit

    def bind_write(
        self,
        caller: Caller,
        preconditions: Preconditions,
        service: Callable[Concatenate[WriteSession, P], Result],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Callable[[Connection], Result]:
        """Return the unit of work that writes, for `write`."""

        def unit(connection: Connection) -> Result:
            self.database.set_workspace(connection, caller.workspace_id)
            with self.database.writers.transaction(connection) as deferred:
                session = WriteSession(
                    connection,
                    caller,
                    self.clock(),
                    self.signer,
                    self.new_id,
                    self.recipient_query,
                    partial(self.database.try_advisory_lock, connection),
                    preconditions,
                )
                result = service(session, *args, **kwargs)
                deferred.extend(self._handle_events(session))
            if session.enqueued:
                self.notifier.notify(caller.workspace_id)
            return result

        return unit

    async def read(self, unit: Callable[[Connection], Result]) -> Result:
        """Run a unit that reads; it is run once more when its connection was lost."""
        try:
            return await self.database.readers.run(unit)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return await self.database.readers.run(unit)

    async def write(self, unit: Callable[[Connection], Result]) -> Result:
        """Run a unit that writes; it is run again from its start when it lost a race.

        Raises Conflict when it loses every time.
        """
        for _ in range(MAX_ATTEMPTS - 1):
            try:
                return await self.database.writers.run(unit)
            except (ConcurrentUpdateError, DBAPIError) as error:
                if not is_retryable(error):
                    raise
        return await self._last_attempt(unit)

    async def read_as_system(
        self,
        workspace_id: WorkspaceId,
        service: Callable[Concatenate[ReadSession, P], Result],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Result:
        """Run a service function that reads, with the service itself as the caller."""
        unit = self.bind_read(system_caller(workspace_id), service, *args, **kwargs)
        return await self.read(unit)

    async def run_as_system(
        self,
        workspace_id: WorkspaceId,
        service: Callable[Concatenate[WriteSession, P], Result],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Result:
        """Run a service function that writes, with the service itself as the caller."""
        unit = self.bind_write(
            system_caller(workspace_id), NO_PRECONDITIONS, service, *args, **kwargs
        )
        return await self.write(unit)

    async def run_batches(
        self,
        workspace_id: WorkspaceId,
        step: Callable[[WriteSession, State], State | None],
        remaining: State,
    ) -> None:
        """Run a step as the system, each time in a transaction of its own, until all is done.

        A step does some of what remains and returns the rest, None when there is none.
        """
        rest: State | None = remaining
        while rest is not None:
            rest = await self.run_as_system(workspace_id, step, rest)

    def write_sync(
        self,
        caller: Caller,
        service: Callable[Concatenate[WriteSession, P], Result],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Result:
        """Run a service function that writes from synchronous code (command line, tests)."""
        unit = self.bind_write(caller, NO_PRECONDITIONS, service, *args, **kwargs)
        return self.database.writers.run_sync(unit)

    def read_sync(
        self,
        caller: Caller,
        service: Callable[Concatenate[ReadSession, P], Result],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Result:
        """Run a service function that reads from synchronous code (command line, tests)."""
        return self.database.readers.run_sync(self.bind_read(caller, service, *args, **kwargs))

    async def _last_attempt(self, unit: Callable[[Connection], Result]) -> Result:
        try:
            return await self.database.writers.run(unit)
        except ConcurrentUpdateError as error:
            raise Conflict from error
        except IntegrityError as error:
            if is_unique_violation(error):
                raise Conflict from error
            raise

    def _handle_events(self, session: WriteSession) -> list[DeferredStatement]:
        """Run the handlers of all pending events; return the outbox statement, if there is one."""
        events: list[DomainEvent] = []
        while session.pending_events:
            event = session.pending_events.popleft()
            events.append(event)
            for handler in self.event_handlers.get(type(event), ()):
                handler(session, event)
        persisted = [event for event in events if event.is_persisted]
        return [session.outbox_statement(persisted)] if persisted else []
