"""The sample search is made once, and survives whatever is done to it."""

from pathlib import Path

from app import demo
from app.applications import service as applications
from app.core.samples import APPLICATION
from app.core.schema_version import migrate
from app.core.settings import Settings
from app.main import build_work


def test_a_sample_that_was_deleted_is_not_made_again(sqlite_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{sqlite_path}")
    migrate(settings)
    work = build_work(settings)
    candidate = demo.ensure_sample(work)
    work.do(candidate, applications.remove, APPLICATION)
    assert demo.ensure_sample(work) == candidate
    assert demo.hand_key(work, candidate, "demo", live=False, lasts=None)
    work.database.close()
