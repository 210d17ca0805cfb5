"""Health: alive as long as it can answer, ready when it can do its work, and told in good time."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from app.core.config.settings import Settings
from app.core.persistence.pools import database_url
from app.main import build_app, build_runner
from tests.support.service import MovableClock, Service


@contextmanager
def serving(settings: Settings, leaving: threading.Event | None = None) -> Iterator[Service]:
    clock = MovableClock()
    hasty = settings.model_copy(update={"readiness_timeout_seconds": 0.2})
    runner = build_runner(hasty, clock=clock)
    asked = (leaving or threading.Event()).is_set
    with Service(build_app(hasty, runner, is_leaving=asked), runner, clock) as running:
        yield running


@pytest.fixture
def other(settings: Settings) -> Iterator[Connection]:
    """Somebody else at the same database."""
    engine = create_engine(database_url(settings), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def ready(service: Service) -> str:
    """Say whether it is, or why not."""
    answer = service.client.get("/readyz")
    if answer.status_code == 200:
        return "ready"
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert answer.headers["retry-after"] == "1"
    return str(answer.json()["detail"])


def test_it_is_not_ready_while_every_thread_waits_and_is_again_when_they_go_on(
    settings: Settings,
) -> None:
    goes_on = threading.Event()
    with serving(settings) as service:
        pool = service.runner.database.readers

        all_there = threading.Barrier(pool.threads + 1)

        def wait(_: Connection) -> None:
            all_there.wait()
            goes_on.wait()

        async def hang_all() -> None:
            await asyncio.gather(*(pool.run(wait) for _ in range(pool.threads)))

        hanging = threading.Thread(target=asyncio.run, args=(hang_all(),))
        hanging.start()
        all_there.wait()
        assert ready(service).startswith("The database does not respond in time.")
        assert service.client.get("/healthz").status_code == 200
        goes_on.set()
        hanging.join()
        assert ready(service) == "ready"


def test_it_is_not_ready_while_the_database_itself_hangs(
    settings: Settings, other: Connection
) -> None:
    if settings.is_sqlite:
        pytest.skip("nothing makes a reader of SQLite's wait for long")
    with serving(settings) as service:
        other.execute(text("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE"))
        assert ready(service).startswith("The database does not respond in time.")
        other.rollback()
        assert ready(service) == "ready"


def test_it_is_not_ready_when_the_database_is_gone(settings: Settings, other: Connection) -> None:
    with serving(settings) as service:
        other.execute(text("ALTER TABLE alembic_version RENAME TO hidden"))
        other.commit()
        try:
            assert ready(service).startswith("The database does not respond.")
        finally:
            other.execute(text("ALTER TABLE hidden RENAME TO alembic_version"))
            other.commit()
        assert ready(service) == "ready"


@pytest.mark.parametrize(
    ("revision", "is_ready"),
    [("0001", False), ("9999", True)],
    ids=["an older one, which lacks tables", "a later one, of a version rolled out beside"],
)
def test_it_is_ready_unless_the_database_is_behind(
    settings: Settings, other: Connection, revision: str, *, is_ready: bool
) -> None:
    with serving(settings) as service:
        has = other.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        change = text("UPDATE alembic_version SET version_num = :revision")
        other.execute(change, {"revision": revision})
        other.commit()
        try:
            said = ready(service)
        finally:
            other.execute(change, {"revision": has})
            other.commit()
    assert (said == "ready") == is_ready
    assert is_ready or "debrief migrate" in said


def test_it_is_not_ready_once_it_was_told_to_stop_and_still_answers(settings: Settings) -> None:
    leaving = threading.Event()
    with serving(settings, leaving) as service:
        ada = service.candidate()
        assert ready(service) == "ready"
        leaving.set()
        assert ready(service).startswith("The service is shutting down.")
        ada.does("POST", "/v1/applications", {"company": {"name": "N"}, "job_title": "E"})
