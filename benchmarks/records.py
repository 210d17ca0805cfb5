"""A workspace whose tables are filled directly, so that any size is reached fast."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, insert

from app.accounts import service as accounts
from app.core.config.settings import Settings
from app.core.persistence.base import TenantModel
from app.core.persistence.migrations import migrate
from app.core.persistence.tenancy import Role, system_caller
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import WriteSession
from app.kit.ids import MemberId, WorkspaceId, new_id
from app.main import build_runner
from app.reflection.debriefs.models import SignalSheetRow
from app.sample_data.writer import ensure_workspace
from app.tracking.applications.models import ApplicationRow
from app.tracking.interviews.models import InterviewRow
from app.tracking.people.models import CompanyRow
from tests.support.servers import SECRET

COMPANIES = 100
_BATCH = 5_000
_LEFT_OPEN = (
    "hiring_manager_id",
    "recruiter_id",
    "recruiter_member_id",
    "posting_url",
    "notes",
    "outcome_known_on",
    "outcome_recorded_at",
)
_SIGNALS = {"conversational": "clearly", "rambled": "absent", "clear_next_steps": "somewhat"}


@dataclass(frozen=True, slots=True)
class Search:
    """One candidate's search, as large as wanted: who they are, and what there is."""

    runner: UnitOfWorkRunner
    workspace_id: WorkspaceId
    candidate_id: MemberId
    key: str
    companies: list[str]
    applications: list[str]
    interviews: list[str]  # one of each application, in the same order

    def grow_to(self, size: int) -> None:
        """Add applications, each with one held interview and its sheet of signals."""
        while len(self.applications) < size:
            batch = min(_BATCH, size - len(self.applications))
            self.runner.database.writers.run_sync(partial(self._add, batch))

    def _add(self, count: int, connection: Connection) -> None:
        self.runner.database.set_workspace(connection, self.workspace_id)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if self.runner.database.is_sqlite else "BEGIN")
        ids = [(new_id("app"), new_id("int"), new_id("sig")) for _ in range(count)]
        self._insert(connection, ApplicationRow, [self._application(app) for app, _, _ in ids])
        self._insert(connection, InterviewRow, [_interview(app, held) for app, held, _ in ids])
        self._insert(
            connection, SignalSheetRow, [_sheet(app, held, sheet) for app, held, sheet in ids]
        )
        connection.exec_driver_sql("COMMIT")
        self.applications.extend(app for app, _, _ in ids)
        self.interviews.extend(held for _, held, _ in ids)

    def _insert(
        self, connection: Connection, table: type[TenantModel], rows: list[dict[str, Any]]
    ) -> None:
        now = datetime.now(UTC)
        stamp = {
            "workspace_id": self.workspace_id,
            "candidate_id": self.candidate_id,
            "created_at": now,
            "updated_at": now,
            "version": 1,
        }
        connection.execute(insert(table.table()), [stamp | row for row in rows])

    def _application(self, identity: str) -> dict[str, Any]:
        return dict.fromkeys(_LEFT_OPEN) | {
            "id": identity,
            "company_id": self.companies[hash(identity) % COMPANIES],
            "job_title": "Backend Engineer",
            "source": "referral",
            "applied_on": date(2026, 10, 19),
            "location": "Leeds",
            "work_mode": "hybrid",
            "salary": {"minimum": 6_000_000, "maximum": None, "currency": "GBP", "period": "year"},
            "stage": "first",
            "status": "active",
        }


def begin(url: str) -> Search:
    """Migrate an empty database and take one candidate in, with a key and some companies."""
    settings = Settings(database_url=url, secret=SECRET)
    migrate(settings)
    runner = build_runner(settings)
    workspace_id = ensure_workspace(runner)

    def take_in(session: WriteSession) -> accounts.NewKey:
        member_id = accounts.create_member_row(session, "benchmark", Role.CANDIDATE)
        for number in range(COMPANIES):
            names = {"name": f"Company {number}", "name_key": f"company {number}"}
            companies.append(session.add(CompanyRow, candidate_id=member_id, website=None, **names))
        grant = accounts.Grant(Role.CANDIDATE)
        return accounts.issue_key(session, member_id, "benchmark", grant, live=False)

    companies: list[str] = []
    key = runner.write_sync(system_caller(workspace_id), take_in)
    return Search(runner, workspace_id, key.member_id, key.text, companies, [], [])


def settle(search: Search) -> None:
    """Let the database do after a large load what it would do by itself in quiet times."""

    def tidy(connection: Connection) -> None:
        is_sqlite = search.runner.database.is_sqlite
        connection.exec_driver_sql("ANALYZE" if is_sqlite else "VACUUM ANALYZE")

    search.runner.database.writers.run_sync(tidy)
    time.sleep(0.2)


def _interview(application: str, identity: str) -> dict[str, Any]:
    return {
        "id": identity,
        "application_id": application,
        "round": "first",
        "format": "video",
        "state": "concluded",
        "starts_at": datetime(2026, 11, 2, 10, tzinfo=UTC),
        "planned_minutes": 45,
        "ended_at": datetime(2026, 11, 2, 10, tzinfo=UTC) + timedelta(minutes=50),
        "place": None,
        "notes": None,
    }


def _sheet(application: str, interview: str, identity: str) -> dict[str, Any]:
    return {
        "id": identity,
        "application_id": application,
        "interview_id": interview,
        "signals": _SIGNALS,
        "notes": {},
    }
