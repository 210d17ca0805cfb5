"""A running service for tests, and its members: each has an API key and sends HTTP requests."""

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
from tests.support.response_checks import check_response


@dataclass
class Person:
    """A member with an API key."""

    client: TestClient
    workspace_id: WorkspaceId
    member_id: MemberId
    key: str

    def __call__(self, method: str, path: str, **options: Any) -> Response:
        """Send a request and return the response of any status."""
        extra = options.pop("headers", None) or _any_version(method, path)
        headers = {"Authorization": f"Bearer {self.key}", **extra}
        return self.client.request(method, path, headers=headers, **options)

    def does(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Send a request that must succeed, and return the parsed body."""
        if body is not None:
            options["json"] = body
        response = self(method, path, **options)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def fails(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Send a request that must be rejected, and return the problem."""
        if body is not None:
            options["json"] = body
        response = self(method, path, **options)
        assert response.is_error, response.text
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert problem["status"] == response.status_code
        return problem


def _any_version(method: str, path: str) -> dict[str, str]:
    """Return preconditions that accept any version; most tests have only one."""
    if method == "PUT" and path.endswith(("/outcome", "/feedback-request", "/release")):
        return {"If-None-Match": "*"}
    return {"If-Match": "*"} if method in {"PUT", "PATCH", "DELETE"} else {}


def create_workspace(runner: UnitOfWorkRunner) -> WorkspaceId:
    """Create a workspace without members."""

    def unit(connection: Connection) -> WorkspaceId:
        with runner.database.writers.transaction(connection):
            return accounts.create_workspace(connection, "Test", runner.clock(), runner.new_id)

    return runner.database.writers.run_sync(unit)


def create_member(runner: UnitOfWorkRunner, role: Role, workspace_id: WorkspaceId) -> NewKey:
    """Create a member of a workspace and issue an API key for them."""

    def create(session: WriteSession) -> NewKey:
        member_id = accounts.create_member_row(session, f"a {role}", role)
        return accounts.issue_key(session, member_id, "test", accounts.Grant(role), live=False)

    return runner.write_sync(system_caller(workspace_id), create)


class MovableClock:
    """The current time of this machine, which a test can stop or move ahead."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)
        self._now = system_clock

    def __call__(self) -> datetime:
        return self._now() + self._ahead

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop the clock during the block."""
        instant = system_clock()
        self._now = lambda: instant
        try:
            yield
        finally:
            self._now = system_clock

    @contextmanager
    def later(self, ahead: timedelta) -> Iterator[None]:
        """Move the clock ahead during the block."""
        self._ahead = ahead
        try:
            yield
        finally:
            self._ahead = timedelta(0)


class Service:
    """A running service, in which a test creates workspaces and members."""

    def __init__(self, app: FastAPI, runner: UnitOfWorkRunner, clock: MovableClock) -> None:
        self.app = app
        self.clock = clock
        self.runner = runner
        self.client = TestClient(app, raise_server_exceptions=False)
        self.client.event_hooks["response"].append(check_response)

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
        """Run background jobs until none is due; return how many ran."""

        async def drain() -> int:
            async with worker_context(settings, self.runner) as worker:
                return await worker.drain()

        return asyncio.run(drain())

    def workspace(self) -> WorkspaceId:
        """Create a workspace for the test."""
        return create_workspace(self.runner)

    def person(self, role: Role, workspace_id: WorkspaceId | None = None) -> Person:
        """Create a member, by default in a workspace of their own."""
        workspace_id = workspace_id or self.workspace()
        key = create_member(self.runner, role, workspace_id)
        return Person(self.client, workspace_id, key.member_id, key.text)

    def candidate(self, workspace_id: WorkspaceId | None = None) -> Person:
        """Create a candidate, by default in a workspace of their own."""
        return self.person(Role.CANDIDATE, workspace_id)
