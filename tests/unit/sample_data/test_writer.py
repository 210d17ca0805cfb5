"""Sample data: the sample search is created once, and deleted parts are not created again."""

from pathlib import Path

from app.core.config.settings import Settings
from app.core.persistence.migrations import migrate
from app.kit.sample_ids import APPLICATION
from app.main import build_runner
from app.sample_data import writer
from app.tracking.applications import service as applications


def test_a_sample_that_was_deleted_is_not_made_again(sqlite_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{sqlite_path}")
    migrate(settings)
    runner = build_runner(settings)
    candidate = writer.ensure_sample(runner)
    runner.write_sync(candidate, applications.delete, APPLICATION)
    assert writer.ensure_sample(runner) == candidate
    assert writer.issue_demo_key(runner, candidate, "demo", live=False, lasts=None)
    runner.database.close()
