"""References, and the requests of candidates to recruiters."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _make(
        "feedback_requests",
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("interview_id", ID, nullable=False),
        sa.Column("answer_expected_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("openly_answered_at", INSTANT, nullable=True),
        _to("members", "candidate_id", "fk_feedback_requests_candidate_id"),
        _to("interviews", "interview_id", "fk_feedback_requests_interview_id"),
    )
    _index("uq_feedback_requests_interview", "feedback_requests", "interview_id", unique=True)
    _make(
        "job_references",
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("referee_id", ID, nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("warned_at", INSTANT, nullable=True),
        sa.Column("reminded_at", INSTANT, nullable=True),
        sa.Column("requested_at", INSTANT, nullable=True),
        sa.Column("given_at", INSTANT, nullable=True),
        sa.Column("thanked_at", INSTANT, nullable=True),
        _to("members", "candidate_id", "fk_job_references_candidate_id"),
        _to("applications", "application_id", "fk_job_references_application_id"),
        _to("people", "referee_id", "fk_job_references_referee_id", on_delete="NO ACTION"),
    )
    _index(
        "uq_job_references_referee", "job_references", "application_id", "referee_id", unique=True
    )
    _index("ix_job_references_application", "job_references", "application_id", "id")
    _index("ix_job_references_candidate", "job_references", "candidate_id", "id")


def downgrade() -> None:
    """Drop them."""
    for table in ("job_references", "feedback_requests"):
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


def _index(name: str, table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(name, table, ["workspace_id", *columns], unique=unique)


def _to(
    parent: str, column: str, name: str, *, on_delete: str = "CASCADE"
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{parent}.workspace_id", f"{parent}.id"],
        name=name,
        ondelete=on_delete,
    )
