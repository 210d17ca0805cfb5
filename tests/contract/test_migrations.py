"""Every revision goes up, down and up again, and ends at what the code declares."""

import json
import stat
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Table,
    create_engine,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.pool import NullPool

from app.core.config.settings import Settings
from app.core.http.idempotency_records import IdempotencyRecordRow
from app.core.messaging.job_queue import JobRow
from app.core.messaging.outbox import EventRow
from app.core.persistence.base import Base
from app.core.persistence.migrations import (
    NotMigratedError,
    check_migrated,
    current_revision,
    migrate,
)
from app.core.persistence.pools import database_url
from app.core.persistence.tenancy import PRE_AUTH_TABLES, tenant_tables
from app.core.persistence.types import UtcDateTime
from app.guidance.estimates.models import ModelRow
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.integrations.webhooks.subscriptions.previous_secrets import PreviousSecret, active_secrets
from app.kit.ids import new_id
from app.tracking.applications.models import ApplicationRow


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings over a database without tables."""
    if request.param == "sqlite":
        return Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('empty')}/new/d.db")
    url = request.getfixturevalue("postgresql_url")
    schema = f"empty_{request.node.name.split('[')[0]}"
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    joint = "&" if "?" in url else "?"
    return Settings(database_url=f"{url}{joint}options=-csearch_path%3D{schema}")


def test_every_revision_goes_up_down_and_up_again(empty: Settings) -> None:
    head = migrate(empty)
    assert head is not None
    assert migrate(empty, "base") is None
    assert migrate(empty) == head


def test_the_migrated_tables_are_those_the_code_declares(empty: Settings) -> None:
    migrate(empty)
    engine = create_engine(database_url(empty), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_database_has_no_triggers(empty: Settings) -> None:
    migrate(empty)
    if empty.is_sqlite:
        assert _triggers(empty) == []


def _triggers(settings: Settings) -> list[str]:
    engine = create_engine(database_url(settings), poolclass=NullPool)
    with engine.connect() as connection:
        listed = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return list(connection.execute(listed).scalars())


def test_0013_counts_the_events_that_have_no_job(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('counted')}/d.db")
    migrate(settings, "0013")
    engine = create_engine(database_url(settings), poolclass=NullPool)
    now = datetime(2026, 1, 2, 3, tzinfo=UTC)
    audit = {"created_at": now, "updated_at": now, "version": 1}
    fields = {"name": "x", "schema_version": 1, "is_private": False, "payload": {}, **audit}
    workspace = "ws_00000000000000000000000001"

    def add(connection: Connection, position: int) -> None:
        named = {"workspace_id": workspace, "id": new_id("evt"), "subject": "s"}
        row = {**named, "position": position, "sequence": position, **fields}
        connection.execute(insert(EventRow.table()).values(**row))

    with engine.begin() as connection:
        add(connection, 1)  # counted by the trigger
    migrate(settings, "0012")
    jobs = JobRow.table()
    with engine.begin() as connection:
        add(connection, 2)  # counted by the upgrade
        connection.execute(update(jobs).values(due_at=None))
    migrate(settings)
    with engine.begin() as connection:
        job = connection.execute(select(jobs)).one()
        assert (job.requested_count, job.completed_count) == (2, 0)
        assert job.due_at < now


def test_an_empty_database_is_refused_with_the_command_that_helps(empty: Settings) -> None:
    with pytest.raises(NotMigratedError, match="Run: debrief migrate"):
        check_migrated(empty)
    migrate(empty)
    check_migrated(empty)


def test_a_new_database_is_for_its_owner_alone(empty: Settings) -> None:
    migrate(empty)
    if empty.is_sqlite:
        assert stat.S_IMODE(empty.sqlite_path.stat().st_mode) == 0o600


def test_every_owned_table_is_keyed_and_referenced_by_workspace(empty: Settings) -> None:
    migrate(empty)
    engine = create_engine(database_url(empty), poolclass=NullPool)
    with engine.connect() as connection:
        looked = inspect(connection)
        for table in tenant_tables():
            assert looked.get_pk_constraint(table)["constrained_columns"] == ["workspace_id", "id"]
            for key in looked.get_foreign_keys(table):
                assert key["constrained_columns"][0] == "workspace_id"


def test_postgresql_guards_every_owned_table_by_row_level_security(empty: Settings) -> None:
    if empty.is_sqlite:
        assert current_revision(empty) is None
        return
    migrate(empty)
    engine = create_engine(database_url(empty), poolclass=NullPool)
    guarded = text(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = current_schema() AND c.relrowsecurity AND c.relforcerowsecurity"
    )
    with engine.connect() as connection:
        assert set(connection.execute(guarded).scalars()) == tenant_tables() - PRE_AUTH_TABLES


def test_of_cases_with_a_result_it_is_said_until_when_estimates_count(empty: Settings) -> None:
    migrate(empty, "0009")
    everybody = {"is_migration": True}
    engine = create_engine(database_url(empty), poolclass=NullPool, execution_options=everybody)
    made = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
    day, kept = date(2026, 2, 3), {"created_at": made, "updated_at": made, "version": 1}
    plain = {"job_title": "Engineer", "applied_on": day, "stage": "first", "status": "offer"}
    known = {"result": "offer", "known_on": day}
    enter = text(f"SELECT set_config('debrief.workspace_id', '{UUID(int=0)}', false)")
    with engine.begin() as connection:
        if not empty.is_sqlite:  # which looks for parents only when it is told to
            connection.execute(enter)
            for parent in ("applications_candidate_id", "applications_company_id"):
                drop = text(f"ALTER TABLE applications DROP CONSTRAINT fk_{parent}")
                connection.execute(drop)
            drop = text("ALTER TABLE cases DROP CONSTRAINT fk_cases_candidate_id")
            connection.execute(drop)
        cases, applications = (
            Table(name, MetaData(), autoload_with=connection) for name in ("cases", "applications")
        )
        ids = [UUID(int=n) if not empty.is_sqlite else n.to_bytes(16, "big") for n in range(4)]
        for n, told in enumerate((known | {"foretold": 0.3}, known, {}), start=1):
            named = {"workspace_id": ids[0], "id": ids[n], "candidate_id": ids[n], **kept}
            connection.execute(insert(applications).values(company_id=ids[n], **named, **plain))
            connection.execute(insert(cases).values(application_id=ids[n], **named, **told))
    migrate(empty)
    with engine.connect() as connection:
        if not empty.is_sqlite:
            connection.execute(enter)
        cases = Table("cases", MetaData(), Column("known_at", UtcDateTime()), Column("id"))
        found = connection.execute(select(cases.c.known_at).order_by(cases.c.id)).scalars().all()
    assert found == [datetime(2026, 2, 4, tzinfo=UTC), made, None]


def test_a_secret_that_was_replaced_signs_on_after_an_upgrade(empty: Settings) -> None:
    migrate(empty, "0013")
    everybody = {"is_migration": True}
    engine = create_engine(database_url(empty), poolclass=NullPool, execution_options=everybody)
    here = UUID(int=0) if not empty.is_sqlite else bytes(16)
    enter = text(f"SELECT set_config('debrief.workspace_id', '{UUID(int=0)}', false)")
    ends_at = datetime(2026, 3, 4, 5, 6, 7, 8901, UTC)
    made = {"created_at": ends_at, "updated_at": ends_at, "version": 1}
    named = {"workspace_id": here, "id": here, "member_id": here, "secret": b"new"}
    plain = {"url": "https://crm.example", "payload": "thin", "state": "active"}
    before = {"secret_before": b"\x01old\xff", "secret_before_ends_at": ends_at}
    with engine.begin() as connection:
        if not empty.is_sqlite:
            connection.execute(enter)
            drop = "ALTER TABLE webhook_endpoints DROP CONSTRAINT fk_webhook_endpoints_member_id"
            connection.execute(text(drop))
        endpoints = Table("webhook_endpoints", MetaData(), autoload_with=connection)
        connection.execute(insert(endpoints).values(**named, **plain, **before, **made))
    migrate(empty)
    with engine.connect() as connection:
        if not empty.is_sqlite:
            connection.execute(enter)
        kept = connection.execute(select(EndpointRow.previous_secrets)).scalar_one()
    assert active_secrets(kept, ends_at - timedelta(days=1)) == [
        PreviousSecret(b"\x01old\xff", ends_at)
    ]
    assert active_secrets(kept, ends_at) == []


def test_0015_renames_what_is_stored_and_back(empty: Settings) -> None:
    migrate(empty, "0014")
    everybody = {"is_migration": True}
    engine = create_engine(database_url(empty), poolclass=NullPool, execution_options=everybody)
    here = UUID(int=0) if not empty.is_sqlite else bytes(16)
    now = datetime(2026, 3, 4, 5, 6, 7, 8901, UTC)
    audit = {"created_at": now, "updated_at": now, "version": 1}
    ids = {"workspace_id": here, "id": here}
    previous = [{"sealed": "01ff", "ends_at": now.isoformat()}]
    backfill = {"after": "app_1", "place": 7}
    rows: dict[str, dict[str, object]] = {
        "workspaces": {"id": here, "name": "Debrief", "created_at": now},
        "members": {**ids, **audit, "name": "Ada", "role": "candidate"},
        "webhook_endpoints": {
            **ids, **audit, "member_id": here, "secret": b"s", "url": "https://crm.example",
            "payload": "thin", "state": "active", "secrets_before": previous,
        },
        "kept_answers": {
            **ids, **audit, "member_id": here, "key_digest": b"k", "fingerprint": b"f",
            "status": 201, "headers": {"ETag": "x"}, "body": b"ciphertext",
        },
        "companies": {**ids, **audit, "candidate_id": here, "name": "Acme", "name_key": "acme"},
        "applications": {
            **ids, **audit, "candidate_id": here, "company_id": here, "job_title": "Engineer",
            "applied_on": now.date(), "stage": "applied", "status": "active",
            "salary": {"minimum": 7, "currency": "EUR"},
        },
        "models": {
            **ids, **audit, "place": -1, "belief": backfill, "training": "", "is_shared": False,
        },
        "jobs": {
            "workspace_id": here, "kind": "tell", "key": "", "asked": 3, "done": 2, "due_at": now,
            "lease": None, "is_slow": False, "failures": 0,
        },
    }  # fmt: skip
    with engine.begin() as connection:
        _enter(empty, connection)
        for name, row in rows.items():
            table = Table(name, MetaData(), autoload_with=connection)
            connection.execute(insert(table).values(**row))
    migrate(empty)
    with engine.begin() as connection:
        _enter(empty, connection)
        job = connection.execute(select(JobRow.table())).one()
        assert (job.kind, job.requested_count, job.completed_count) == ("fan_out", 3, 2)
        secrets = connection.execute(select(EndpointRow.previous_secrets)).scalar_one()
        assert secrets == [{"ciphertext": "01ff", "expires_at": now.isoformat()}]
        model = connection.execute(select(ModelRow.table())).one()
        assert (model.event_position, model.posterior) == (
            -1,
            {"after": "app_1", "event_position": 7},
        )
        salary = connection.execute(select(ApplicationRow.salary)).scalar_one()
        assert salary == {"minimum": 7, "currency": "EUR", "period": "year"}
        record = connection.execute(select(IdempotencyRecordRow.table())).one()
        assert (record.key_digest, record.body, record.headers) == (b"k", b"", {})
    migrate(empty, "0014")
    with engine.begin() as connection:
        _enter(empty, connection)
        for name, row in rows.items():
            table = Table(name, MetaData(), autoload_with=connection)
            found = dict(connection.execute(select(table)).one()._mapping)  # noqa: SLF001 - public
            if name == "kept_answers":
                row |= {"body": b"", "headers": {}}
            if name == "applications":
                row |= {"salary": {"minimum": 7, "currency": "EUR", "period": "year"}}
            assert {key: found[key] for key in row if key not in audit and key != "due_at"} == {
                key: value for key, value in row.items() if key not in audit and key != "due_at"
            }
    assert _triggers(empty) == ["events_ask_to_be_told"] if empty.is_sqlite else True


_SHRINKAGE = {"log_odds": 0.1, "model_weight": 0.5, "base_rate": 0.2}
_OLD_ANSWER = {
    "probability": 0.6, "interval": {"80": [0.2, 0.9], "95": [0.1, 0.95]}, "ask_next": [],
    "hold": _SHRINKAGE, "direction_overturned": ["rambled"], "nothing_learnt_because": None,
    "change": {"log_odds": 0.3, "hold": 0.1},
}  # fmt: skip
_NEW_ANSWER = {
    "probability": 0.6,
    "intervals": [
        {"level": 0.8, "low": 0.2, "high": 0.9}, {"level": 0.95, "low": 0.1, "high": 0.95},
    ],
    "next_questions": [], "shrinkage": _SHRINKAGE, "reversed_signals": ["rambled"],
    "fallback_reason": None, "change": {"log_odds": 0.3, "shrinkage": 0.1},
}  # fmt: skip


def test_0016_renames_what_is_stored_and_back(empty: Settings) -> None:
    migrate(empty, "0015")
    engine = create_engine(
        database_url(empty), poolclass=NullPool, execution_options={"is_migration": True}
    )
    here = UUID(int=0) if not empty.is_sqlite else bytes(16)
    there = UUID(int=1) if not empty.is_sqlite else UUID(int=1).bytes
    now = datetime(2026, 3, 4, 5, 6, 7, 8901, UTC)
    row = {"workspace_id": here, "created_at": now, "updated_at": now, "version": 1}
    estimate = row | {
        "candidate_id": here, "application_id": here, "cause": "x", "model_version": "v",
        "inputs_digest": "d", "inputs": {}, "answer": _OLD_ANSWER,
    }  # fmt: skip
    types = ["application.outcome_taken_back", "feedback.sent"]
    endpoint = row | {
        "id": here, "member_id": here, "secret": b"s", "url": "https://crm.example",
        "payload": "thin", "state": "active", "types": types,
    }  # fmt: skip
    event: dict[str, Any] = row | {
        "id": here, "position": 1, "subject": "app_1", "sequence": 1, "name": types[0],
        "schema_version": 1, "is_private": False, "payload": {},
    }  # fmt: skip
    with engine.begin() as connection:
        _enter(empty, connection)
        _drop_foreign_keys(empty, connection, "estimates", "webhook_endpoints", "events")
        insert_into(connection, "estimates", estimate | {"id": here}, estimate | {"id": there})
        insert_into(connection, "webhook_endpoints", endpoint)
        insert_into(connection, "events", event)

    def stored() -> tuple[list[object], object, object]:
        with engine.begin() as connection:
            _enter(empty, connection)
            answers = connection.execute(text("SELECT answer FROM estimates")).scalars().all()
            name = connection.execute(text("SELECT name FROM events")).scalar_one()
            table = Table("webhook_endpoints", MetaData(), autoload_with=connection)
            column = table.c.event_types if "event_types" in table.c else table.c.types
            read = [json.loads(each) if isinstance(each, str) else each for each in answers]
            return read, name, connection.execute(select(column)).scalar_one()

    old = ([_OLD_ANSWER, _OLD_ANSWER], types[0], types)
    assert stored() == old
    migrate(empty, "0016")
    retracted = "application.outcome_retracted"
    assert stored() == ([_NEW_ANSWER, _NEW_ANSWER], retracted, [retracted, "feedback.sent"])
    migrate(empty, "0015")
    assert stored() == old


def insert_into(connection: Connection, name: str, *rows: dict[str, Any]) -> None:
    connection.execute(insert(Table(name, MetaData(), autoload_with=connection)), list(rows))


def _drop_foreign_keys(settings: Settings, connection: Connection, *tables: str) -> None:
    """So that a row needs no others; SQLite does not check them here."""
    for table in tables if not settings.is_sqlite else ():
        for key in inspect(connection).get_foreign_keys(table):
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {key['name']}"))


def _enter(settings: Settings, connection: Connection) -> None:
    """See the rows of workspace zero."""
    if not settings.is_sqlite:
        enter = f"SELECT set_config('debrief.workspace_id', '{UUID(int=0)}', false)"
        connection.execute(text(enter))
