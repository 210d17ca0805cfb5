"""Pages of applications are read in the order of an index, however long the list is."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from app.core.config.settings import Settings
from app.core.persistence.migrations import migrate
from app.core.persistence.tenancy import Role
from app.core.unit_of_work.session import WriteSession
from app.main import build_runner
from app.sample_data.writer import create_candidate
from app.tracking.applications import service
from app.tracking.applications.repository import applications
from app.tracking.applications.schemas import ApplicationCreate, ApplicationSort


@pytest.fixture(scope="module")
def analyzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """An SQLite database with planner statistics: many companies, more applications.

    With such statistics a planner may start with the companies.
    """
    settings = Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('plans')}/debrief.db")
    migrate(settings)
    runner = build_runner(settings)

    def fill(session: WriteSession) -> None:
        for number in range(1_000):
            company = {"name": f"Company {number % 25}"}
            body = ApplicationCreate.model_validate({"company": company, "job_title": "Engineer"})
            service.create(session, body)

    runner.write_sync(create_candidate(runner, "Ada"), fill)
    runner.database.writers.run_sync(lambda connection: connection.exec_driver_sql("ANALYZE"))
    with runner.database.readers.engine.connect() as connection:
        yield connection
    runner.database.close()


@pytest.mark.parametrize("sort", list(ApplicationSort))
@pytest.mark.parametrize("page", ["first", "after"])
def test_a_page_is_read_in_the_order_of_an_index(
    analyzed: Connection, sort: ApplicationSort, page: str
) -> None:
    query = getattr(applications(frozenset(), sort), page).for_role(Role.CANDIDATE)
    statement = str(query.compile(analyzed.engine)).replace("?", "1")
    plan = [step[-1] for step in analyzed.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()]
    assert plan[0].startswith("SEARCH applications USING INDEX ix_applications_")
    assert not [step for step in plan if "SCAN" in step or "TEMP B-TREE" in step]
