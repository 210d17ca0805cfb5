"""Fixtures of all tests: both databases, a running service on each, and two guards.

The first guard rejects connections to other machines. The second reads every statement that the
tests execute, and fails a test that accesses a tenant table without a filter on the workspace.
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
from tests.support.tenant_guard import unfiltered_tables

# No deadline: the time of an example depends on the machine more than on the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=20)  # make quick
hypothesis.settings.load_profile("any machine")

_unfiltered: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sqlite", action="store_true", help="leave out what needs PostgreSQL")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--sqlite`, deselect the tests that would start PostgreSQL."""
    if not config.getoption("--sqlite"):
        return
    left_out = [item for item in items if _needs_postgresql(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not _needs_postgresql(item)]


def _needs_postgresql(item: pytest.Item) -> bool:
    parameters = getattr(item, "callspec", None)
    fixtures: list[str] = getattr(item, "fixturenames", [])
    is_parameter = parameters is not None and "postgresql" in parameters.params.values()
    return is_parameter or "postgresql_url" in fixtures


def _loopback_only(name: str, args: tuple[Any, ...]) -> None:
    if name == "socket.connect" and isinstance(args[1], tuple):
        host = str(args[1][0])
        if not (host.startswith("127.") or host in {"::1", "localhost"}):
            message = f"a test tried to connect to {host}"
            raise PermissionError(message)


sys.addaudithook(_loopback_only)


@event.listens_for(Engine, "before_cursor_execute")
def _check_executed(connection: Connection, _: object, statement: str, *_more: object) -> None:
    if not connection.get_execution_options().get("is_migration"):
        _check_statement(statement)


def _check_statement(statement: str) -> None:
    _unfiltered.extend(f"{table} in: {statement}" for table in unfiltered_tables(statement))


@pytest.fixture(autouse=True)
def every_statement_has_a_tenant_filter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    execute_raw = compiled.execute_raw

    def check_and_execute(connection: Any, text: str, *args: object, **kwargs: Any) -> Any:
        _check_statement(text)
        return execute_raw(connection, text, *args, **kwargs)

    monkeypatch.setattr(compiled, "execute_raw", check_and_execute)
    _unfiltered.clear()
    yield
    assert not _unfiltered


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a PostgreSQL database for each xdist worker; all share one server."""
    root = tmp_path_factory.getbasetemp()
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    return postgresql(root.parent if worker else root, f"debrief_{worker or 'alone'}")


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings for an empty, migrated database: SQLite or PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/debrief.db"
    else:
        url = request.getfixturevalue("postgresql_url")
    settings = Settings(
        database_url=url,
        secret=SECRET,
        key_cache_seconds=0,
        rate_limit_per_minute=1_000_000,
        worker=False,  # a test runs background jobs when it needs them
    )
    migrate(settings)
    return settings


@pytest.fixture(scope="session")
def service(settings: Settings) -> Iterator[Service]:
    """The whole service over HTTP; each test creates members of its own."""
    clock = MovableClock()
    runner = build_runner(settings, clock=clock)
    with Service(build_app(settings, runner), runner, clock) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def own_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database for server processes: SQLite's is new, PostgreSQL's is shared."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/debrief.db"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    """The path of a SQLite file for this test alone; the file does not exist yet."""
    return tmp_path / "debrief.db"
