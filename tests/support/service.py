"""The people of the tests: each holds a key of their own and speaks to the service over HTTP."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy import Connection
from starlette.testclient import TestClient

from app.accounts import service as accounts
from app.accounts.service import NewKey
from app.core.config.settings import Settings
from app.core.persistence.tenancy import Role, system_caller
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import WriteSession
from app.kit.clock import system_clock
from app.kit.ids import MemberId, WorkspaceId
from app.worker import worker_context
from tests.support.response_checks import check_answer


@dataclass
class Person:
    """Somebody with a key."""

    client: TestClient
    workspace_id: WorkspaceId
    member_id: MemberId
    key: str

    def __call__(self, method: str, path: str, **options: Any) -> Response:
        """Send a request and return the answer, whatever it is."""
        told = options.pop("headers", None) or _whatever_is_there(method, path)
        headers = {"Authorization": f"Bearer {self.key}", **told}
        return self.client.request(method, path, headers=headers, **options)

    def does(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Send a request that must succeed, and return what it answers."""
        if body is not None:
            options["json"] = body
        answer = self(method, path, **options)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def fails(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Send a request that must be refused, and return the problem."""
        if body is not None:
            options["json"] = body
        answer = self(method, path, **options)
        assert answer.is_error, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == answer.status_code
        return problem


def _whatever_is_there(method: str, path: str) -> dict[str, str]:
    """Say that it does not matter which version is changed; most tests have only one."""
    if method == "PUT" and path.endswith(("/outcome", "/feedback-request", "/release")):
        return {"If-None-Match": "*"}
    return {"If-Match": "*"} if method in {"PUT", "PATCH", "DELETE"} else {}


def found_workspace(runner: UnitOfWorkRunner) -> WorkspaceId:
    """Found a workspace with nobody in it."""

    def found(connection: Connection) -> WorkspaceId:
        with runner.database.writers.transaction(connection):
            return accounts.create_workspace(connection, "Test", runner.clock(), runner.new_id)

    return runner.database.writers.run_sync(found)


def take_in(runner: UnitOfWorkRunner, role: Role, workspace_id: WorkspaceId) -> NewKey:
    """Take somebody into a workspace and give them a key."""

    def enter(session: WriteSession) -> NewKey:
        member_id = accounts.create_member_row(session, f"a {role}", role)
        return accounts.issue_key(session, member_id, "test", accounts.Grant(role), live=False)

    return runner.write_sync(system_caller(workspace_id), enter)


class MovableClock:
    """The machine's time, or some time later while a test says so."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)
        self._now = system_clock

    def __call__(self) -> datetime:
        return self._now() + self._ahead

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let no time pass by itself for the length of a block."""
        instant = system_clock()
        self._now = lambda: instant
        try:
            yield
        finally:
            self._now = system_clock

    @contextmanager
    def later(self, ahead: timedelta) -> Iterator[None]:
        """Let it be so much later for the length of a block."""
        self._ahead = ahead
        try:
            yield
        finally:
            self._ahead = timedelta(0)


class Service:
    """A running service and the way to new people in it."""

    def __init__(self, app: FastAPI, runner: UnitOfWorkRunner, clock: MovableClock) -> None:
        self.app = app
        self.clock = clock
        self.runner = runner
        self.client = TestClient(app, raise_server_exceptions=False)
        self.client.event_hooks["response"].append(check_answer)

    def __enter__(self) -> Self:
        self.client.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.client.__exit__(kind, error, trace)

    def do_jobs(self, settings: Settings) -> int:
        """Do all that is due outside of requests, and what follows from it; return how much."""

        async def do_all() -> int:
            async with worker_context(settings, self.runner) as worker:
                return await worker.drain()

        return asyncio.run(do_all())

    def workspace(self) -> WorkspaceId:
        """Found a workspace of the test's own."""
        return found_workspace(self.runner)

    def person(self, role: Role, workspace_id: WorkspaceId | None = None) -> Person:
        """Take somebody in, into a workspace of their own unless one is named."""
        where = workspace_id or self.workspace()
        key = take_in(self.runner, role, where)
        return Person(self.client, where, key.member_id, key.text)

    def candidate(self, workspace_id: WorkspaceId | None = None) -> Person:
        """Take a candidate in."""
        return self.person(Role.CANDIDATE, workspace_id)
