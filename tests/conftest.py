"""What every test stands on: both databases, a service over each, and two guards.

The first guard refuses any connection that leaves this machine. The second
looks at every statement the suite runs and fails the test that touches an
owned table without naming the workspace.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from app.core.config.settings import Settings
from app.core.persistence import compiled
from app.core.persistence.migrations import migrate
from app.main import build_app, build_runner
from tests.support.databases import postgresql
from tests.support.servers import SECRET
from tests.support.service import MovableClock, Service
from tests.support.tenant_guard import unfenced_tables

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

_unfenced: list[str] = []


def _loopback_only(name: str, args: tuple[Any, ...]) -> None:
    if name == "socket.connect" and isinstance(args[1], tuple):
        host = str(args[1][0])
        if not (host.startswith("127.") or host in {"::1", "localhost"}):
            message = f"a test tried to reach {host}"
            raise PermissionError(message)


sys.addaudithook(_loopback_only)


@event.listens_for(Engine, "before_cursor_execute")
def _look_at_executed(connection: Connection, _: object, statement: str, *_more: object) -> None:
    if not connection.get_execution_options().get("is_migration"):
        _look_at(statement)


def _look_at(statement: str) -> None:
    _unfenced.extend(f"{table} in: {statement}" for table in unfenced_tables(statement))


@pytest.fixture(autouse=True)
def every_statement_is_fenced(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    execute_raw = compiled.execute_raw

    def look_and_drive(connection: Any, text: str, *told: object, **how: Any) -> Any:
        _look_at(text)
        return execute_raw(connection, text, *told, **how)

    monkeypatch.setattr(compiled, "execute_raw", look_and_drive)
    _unfenced.clear()
    yield
    assert not _unfenced


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of its own for each worker, in one server for all."""
    root = tmp_path_factory.getbasetemp()
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    return postgresql(root.parent if worker else root, f"debrief_{worker or 'alone'}")


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings over an empty, migrated database of either kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/debrief.db"
    else:
        url = request.getfixturevalue("postgresql_url")
    made = Settings(
        database_url=url,
        secret=SECRET,
        key_cache_seconds=0,
        quota_per_minute=1_000_000,
        worker=False,  # a test says when
    )
    migrate(made)
    return made


@pytest.fixture(scope="session")
def service(settings: Settings) -> Iterator[Service]:
    """The whole service, as a client sees it; each test takes people of its own in."""
    clock = MovableClock()
    runner = build_runner(settings, clock=clock)
    with Service(build_app(settings, runner), runner, clock) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def own_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that servers of the test's own may use: SQLite's is new, PostgreSQL's shared."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/debrief.db"
    found: str = request.getfixturevalue("postgresql_url")
    return found


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    """Where a SQLite database of this test's own can be."""
    return tmp_path / "debrief.db"
