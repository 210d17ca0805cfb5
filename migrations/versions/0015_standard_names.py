"""Standard names for tables, columns and job kinds; the event trigger of SQLite goes.

Names change in place, so this revision is not compatible with the previous version of the
service: stop its processes first. Stored idempotent responses are blanked, because they are
encrypted in another way from now on. A request that is repeated across the upgrade is not
executed again; it is answered 409.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_OLD, _NEW = "kept_answers", "idempotency_records"
_COLUMNS = (
    ("cases", "foretold", "forecast"),
    ("cases", "packed", "encoded"),
    ("models", "belief", "posterior"),
    ("models", "place", "event_position"),
    ("jobs", "asked", "requested_count"),
    ("jobs", "done", "completed_count"),
    ("jobs", "lease", "lease_id"),
    ("replays", "place", "event_position"),
    ("webhook_endpoints", "secrets_before", "previous_secrets"),
)
_JOB_KINDS = (("tell", "fan_out"), ("keep", "purge"), ("learn", "train"), ("steps", "due_steps"))
_SECRETS = ("webhook_endpoints", "previous_secrets")
_HAS_SECRETS = "previous_secrets IS NOT NULL"
_BACKFILL_IN_PROGRESS = "event_position = -1"
_JSON_FIELDS = (
    (*_SECRETS, "sealed", "ciphertext", _HAS_SECRETS),
    (*_SECRETS, "ends_at", "expires_at", _HAS_SECRETS),
    ("models", "posterior", "place", "event_position", _BACKFILL_IN_PROGRESS),
)
_TRIGGER = """
CREATE TRIGGER events_ask_to_be_told AFTER INSERT ON events
BEGIN
    INSERT INTO jobs (workspace_id, kind, key, asked, done, due_at, is_slow, failures)
    VALUES (new.workspace_id, 'tell', '', 1, 0, new.created_at, 0, 0)
    ON CONFLICT (workspace_id, kind, key) DO UPDATE SET asked = asked + 1;
    UPDATE jobs SET due_at = new.created_at
    WHERE workspace_id = new.workspace_id AND kind = 'tell' AND key = ''
    AND lease IS NULL AND (due_at IS NULL OR due_at > new.created_at);
END
"""


def upgrade() -> None:
    """Rename; drop the trigger."""
    if _is_sqlite():
        op.execute("DROP TRIGGER events_ask_to_be_told")
    _rename_idempotency_records(_OLD, _NEW)
    for table, old, new in _COLUMNS:
        op.alter_column(table, old, new_column_name=new)
    for old, new in _JOB_KINDS:
        _rename_job_kind(old, new)
    for table, column, old, new, where in _JSON_FIELDS:
        _rename_json_field(table, column, old, new, where)
    _complete_salaries()


def downgrade() -> None:
    """Rename back; create the trigger."""
    for table, column, old, new, where in _JSON_FIELDS:
        _rename_json_field(table, column, new, old, where)
    for old, new in _JOB_KINDS:
        _rename_job_kind(new, old)
    for table, old, new in _COLUMNS:
        op.alter_column(table, new, new_column_name=old)
    _rename_idempotency_records(_NEW, _OLD)
    if _is_sqlite():
        op.execute(_TRIGGER)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _rename_idempotency_records(old: str, new: str) -> None:
    if _is_sqlite():
        _copy_idempotency_records(old, new)
        return
    op.rename_table(old, new)
    for kind in ("pk_{}", "fk_{}_member_id"):
        op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT {kind.format(old)} TO {kind.format(new)}")
    for kind in ("uq_{}_key_digest", "ix_{}_created_at"):
        op.execute(f"ALTER INDEX {kind.format(old)} RENAME TO {kind.format(new)}")
    _update_all_workspaces(new, f"UPDATE {new} SET body = '', headers = '{{}}'")  # noqa: S608


def _copy_idempotency_records(old: str, new: str) -> None:
    """SQLite keeps the names of constraints when a table is renamed, so the rows move instead."""
    op.create_table(
        new,
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("key_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"],
            ["members.workspace_id", "members.id"],
            name=f"fk_{new}_member_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=f"pk_{new}"),
    )
    op.execute(
        f"INSERT INTO {new} SELECT workspace_id, id, member_id, key_digest, fingerprint, "  # noqa: S608
        f"status, '{{}}', x'', created_at, updated_at, version FROM {old}"
    )
    op.drop_table(old)
    op.create_index(f"uq_{new}_key_digest", new, ["workspace_id", "key_digest"], unique=True)
    op.create_index(f"ix_{new}_created_at", new, ["workspace_id", "created_at"])


def _rename_job_kind(old: str, new: str) -> None:
    jobs = sa.table("jobs", sa.column("kind"))
    op.execute(jobs.update().where(jobs.c.kind == old).values(kind=new))


def _rename_json_field(table: str, column: str, old: str, new: str, where: str) -> None:
    """Rename a member of JSON objects; in these columns no value is equal to its quoted name."""
    renamed = f"""replace(CAST({column} AS TEXT), '"{old}"', '"{new}"')"""
    if not _is_sqlite():
        renamed = f"CAST({renamed} AS JSONB)"
    _update_all_workspaces(
        table,
        f"UPDATE {table} SET {column} = {renamed} WHERE {where}",  # noqa: S608 - constants
    )


def _complete_salaries() -> None:
    """Add the default period to salaries that the previous version stored without one."""
    if _is_sqlite():
        completed = "json_insert(salary, '$.period', 'year')"
        where = "json_type(salary) = 'object' AND json_type(salary, '$.period') IS NULL"
    else:
        completed = """salary || '{"period": "year"}'"""
        where = "jsonb_typeof(salary) = 'object' AND salary ->> 'period' IS NULL"
    _update_all_workspaces(
        "applications",
        f"UPDATE applications SET salary = {completed} WHERE {where}",  # noqa: S608 - constants
    )


def _update_all_workspaces(table: str, statement: str) -> None:
    """Run an UPDATE over the rows of every workspace, which row-level security would hide."""
    if not _is_sqlite():
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(sa.text(statement.replace(":", r"\:")))
    if not _is_sqlite():
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
