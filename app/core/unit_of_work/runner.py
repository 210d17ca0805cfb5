"""The unit of work: one function, one hop, one transaction.

A service function gets a `Reading` or a `Writing` as its first argument and
does everything through it. It never commits: the runner commits once, after the
function, the subscribers of what it announced and the outbox are done, and only
then is anybody answered. If anything raises, nothing is left.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import (
    Connection,
)
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
)

from app.core.messaging.domain_event import DomainEvent
from app.core.messaging.notifier import LocalNotifier
from app.core.messaging.outbox import (
    RecipientQuery,
)
from app.core.persistence.commit_pipeline import DeferredStatement
from app.core.persistence.pools import Database
from app.core.persistence.tenancy import Caller
from app.core.persistence.transactions import transaction
from app.core.problems import Conflict
from app.core.unit_of_work.event_handlers import EventHandlers
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS, Preconditions
from app.core.unit_of_work.retries import (
    MAX_ATTEMPTS,
    ConcurrentUpdateError,
    is_retryable,
    is_unique_violation,
)
from app.core.unit_of_work.session import (
    ReadSession,
    WriteSession,
)
from app.kit.clock import Clock
from app.kit.cursors import CursorSigner
from app.kit.ids import Ids

P = ParamSpec("P")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class UnitOfWorkRunner:
    """Runs service functions, each as one unit of work."""

    database: Database
    clock: Clock
    new_id: Ids
    signer: CursorSigner
    subscriptions: EventHandlers
    audience: RecipientQuery
    notifier: LocalNotifier = field(default_factory=LocalNotifier)

    def bind_read(
        self,
        caller: Caller,
        service: Callable[Concatenate[ReadSession, P], Answer],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Callable[[Connection], Answer]:
        """Return the unit of work that reads; to be run on the reading lane."""

        def unit(connection: Connection) -> Answer:
            self.database.set_workspace(connection, caller.workspace_id)
            work = ReadSession(connection, caller, self.clock(), self.signer)
            return service(work, *args, **kwargs)

        return unit

    def bind_write(
        self,
        caller: Caller,
        conditions: Preconditions,
        service: Callable[Concatenate[WriteSession, P], Answer],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Callable[[Connection], Answer]:
        """Return the unit of work that changes; to be run on the writing lane."""

        def unit(connection: Connection) -> Answer:
            self.database.set_workspace(connection, caller.workspace_id)
            with transaction(connection, self.database.writers.begin) as ending:
                work = WriteSession(
                    connection,
                    caller,
                    self.clock(),
                    self.signer,
                    self.new_id,
                    self.audience,
                    partial(self.database.try_advisory_lock, connection),
                    conditions,
                )
                answer = service(work, *args, **kwargs)
                ending.extend(self._tell(work))
            if work.enqueued:
                self.notifier.notify(caller.workspace_id)
            return answer

        return unit

    async def read(self, unit: Callable[[Connection], Answer]) -> Answer:
        """Run a reading unit; a connection that had died is replaced once."""
        try:
            return await self.database.readers.run(unit)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return await self.database.readers.run(unit)

    async def write(self, unit: Callable[[Connection], Answer]) -> Answer:
        """Run a changing unit; one that lost a race is run again from its beginning."""
        for _ in range(MAX_ATTEMPTS - 1):
            try:
                return await self.database.writers.run(unit)
            except (ConcurrentUpdateError, DBAPIError) as error:
                if not is_retryable(error):
                    raise
        return await self._last_try(unit)

    def write_sync(
        self,
        caller: Caller,
        service: Callable[Concatenate[WriteSession, P], Answer],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Answer:
        """Run a changing service function from synchronous code (command line, demo, tests)."""
        return self.database.writers.run_sync(
            self.bind_write(caller, NO_PRECONDITIONS, service, *args, **kwargs)
        )

    def read_sync(
        self,
        caller: Caller,
        service: Callable[Concatenate[ReadSession, P], Answer],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Answer:
        """Run a reading service function from synchronous code (command line, demo, tests)."""
        return self.database.readers.run_sync(self.bind_read(caller, service, *args, **kwargs))

    async def _last_try(self, unit: Callable[[Connection], Answer]) -> Answer:
        try:
            return await self.database.writers.run(unit)
        except ConcurrentUpdateError as error:
            raise Conflict from error
        except IntegrityError as error:
            if is_unique_violation(error):
                raise Conflict from error
            raise

    def _tell(self, work: WriteSession) -> list[DeferredStatement]:
        facts: list[DomainEvent] = []
        while work.pending_events:
            fact = work.pending_events.popleft()
            facts.append(fact)
            for subscriber in self.subscriptions.get(type(fact), ()):
                subscriber(work, fact)
        kept = [fact for fact in facts if fact.is_persisted]
        return [work.outbox_statement(kept)] if kept else []
