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

from app.core.messaging.domain_event import Fact
from app.core.messaging.notifier import Bell
from app.core.messaging.outbox import (
    Audience,
)
from app.core.persistence.commit_pipeline import Last
from app.core.persistence.pools import Database
from app.core.persistence.tenancy import Caller
from app.core.persistence.transactions import transaction
from app.core.problems import Conflict
from app.core.unit_of_work.event_handlers import Subscriptions
from app.core.unit_of_work.preconditions import NONE, Conditions
from app.core.unit_of_work.retries import (
    MAX_ATTEMPTS,
    RacedError,
    is_retryable,
    is_unique_violation,
)
from app.core.unit_of_work.session import (
    Reading,
    Writing,
)
from app.kit.clock import Clock
from app.kit.cursors import CursorSigner
from app.kit.ids import Ids

P = ParamSpec("P")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Work:
    """Runs service functions, each as one unit of work."""

    database: Database
    clock: Clock
    new_id: Ids
    signer: CursorSigner
    subscriptions: Subscriptions
    audience: Audience
    bell: Bell = field(default_factory=Bell)

    def reading(
        self,
        caller: Caller,
        service: Callable[Concatenate[Reading, P], Answer],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Callable[[Connection], Answer]:
        """Return the unit of work that reads; to be run on the reading lane."""

        def unit(connection: Connection) -> Answer:
            self.database.enter(connection, caller.workspace_id)
            work = Reading(connection, caller, self.clock(), self.signer)
            return service(work, *args, **kwargs)

        return unit

    def writing(
        self,
        caller: Caller,
        conditions: Conditions,
        service: Callable[Concatenate[Writing, P], Answer],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Callable[[Connection], Answer]:
        """Return the unit of work that changes; to be run on the writing lane."""

        def unit(connection: Connection) -> Answer:
            self.database.enter(connection, caller.workspace_id)
            with transaction(connection, self.database.writers.begin) as ending:
                work = Writing(
                    connection,
                    caller,
                    self.clock(),
                    self.signer,
                    self.new_id,
                    self.audience,
                    partial(self.database.claim, connection),
                    conditions,
                )
                answer = service(work, *args, **kwargs)
                ending.extend(self._tell(work))
            if work.asked:
                self.bell.ring(caller.workspace_id)
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
            except (RacedError, DBAPIError) as error:
                if not is_retryable(error):
                    raise
        return await self._last_try(unit)

    def do(
        self,
        caller: Caller,
        service: Callable[Concatenate[Writing, P], Answer],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Answer:
        """Run a changing service function from synchronous code (command line, demo, tests)."""
        return self.database.writers.call(self.writing(caller, NONE, service, *args, **kwargs))

    def ask(
        self,
        caller: Caller,
        service: Callable[Concatenate[Reading, P], Answer],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Answer:
        """Run a reading service function from synchronous code (command line, demo, tests)."""
        return self.database.readers.call(self.reading(caller, service, *args, **kwargs))

    async def _last_try(self, unit: Callable[[Connection], Answer]) -> Answer:
        try:
            return await self.database.writers.run(unit)
        except RacedError as error:
            raise Conflict from error
        except IntegrityError as error:
            if is_unique_violation(error):
                raise Conflict from error
            raise

    def _tell(self, work: Writing) -> list[Last]:
        facts: list[Fact] = []
        while work.announced:
            fact = work.announced.popleft()
            facts.append(fact)
            for subscriber in self.subscriptions.get(type(fact), ()):
                subscriber(work, fact)
        kept = [fact for fact in facts if fact.is_kept]
        return [work.to_keep(kept)] if kept else []
