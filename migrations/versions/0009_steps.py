"""Steps of candidates, and the signals that they release to a recruiter."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _make(
        "steps",
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("interview_id", ID, nullable=True),
        sa.Column("guide_step", sa.String(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("announced_at", INSTANT, nullable=True),
        _to("members", "candidate_id", "fk_steps_candidate_id"),
        _to("applications", "application_id", "fk_steps_application_id"),
        _to("interviews", "interview_id", "fk_steps_interview_id"),
    )
    _index("uq_steps_interview", "steps", "interview_id", "guide_step", unique=True)
    _index(
        "uq_steps_application",
        "steps",
        "application_id",
        "guide_step",
        unique=True,
        where="interview_id IS NULL",
    )
    _index("ix_steps_candidate", "steps", "candidate_id", "due_at", "id")
    _index("ix_steps_application", "steps", "application_id", "due_at", "id")
    _index("ix_steps_state", "steps", "candidate_id", "state", "due_at", "id")
    _index(
        "ix_steps_to_announce", "steps", "due_at", where="state = 'open' AND announced_at IS NULL"
    )
    _make(
        "signal_releases",
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("interview_id", ID, nullable=False),
        sa.Column("signals", JSON, nullable=False),
        _to("members", "candidate_id", "fk_signal_releases_candidate_id"),
        _to("interviews", "interview_id", "fk_signal_releases_interview_id"),
    )
    _index("uq_signal_releases_interview", "signal_releases", "interview_id", unique=True)


def downgrade() -> None:
    """Drop them."""
    for table in ("signal_releases", "steps"):
        op.drop_table(table)


def _make(table: str, *own: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        *own,
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=f"pk_{table}"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace ON {table} USING "
            "(workspace_id = NULLIF(current_setting('debrief.workspace_id', true), '')::uuid)"
        )


def _index(
    name: str, table: str, *columns: str, unique: bool = False, where: str | None = None
) -> None:
    part = sa.text(where) if where else None
    op.create_index(
        name,
        table,
        ["workspace_id", *columns],
        unique=unique,
        sqlite_where=part,
        postgresql_where=part,
    )


def _to(
    parent: str, column: str, name: str, *, on_delete: str = "CASCADE"
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{parent}.workspace_id", f"{parent}.id"],
        name=name,
        ondelete=on_delete,
    )
