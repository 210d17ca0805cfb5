"""Training cases, trained models, and the summaries that workspaces share."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables; the first model of a workspace begins with all its applications."""
    _make(
        "cases",
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("known_on", sa.Date(), nullable=True),
        sa.Column("last_round_on", sa.Date(), nullable=True),
        sa.Column("packed", sa.LargeBinary(), nullable=True),
        sa.Column("foretold", sa.Double(), nullable=True),
        _to("members", "candidate_id", "fk_cases_candidate_id"),
        _to("applications", "application_id", "fk_cases_application_id"),
    )
    op.create_index(
        "uq_cases_application", "cases", ["workspace_id", "application_id"], unique=True
    )
    _make(
        "models",
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("training", sa.String(), nullable=False),
        sa.Column("belief", JSON, nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
    )
    op.create_index("uq_models_workspace", "models", ["workspace_id"], unique=True)
    # Sums that workspaces share: no row-level security.
    op.create_table(
        "shared_summaries",
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("summary", JSON, nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_shared_summaries"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("shared_summaries", "models", "cases"):
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


def _to(parent: str, column: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{parent}.workspace_id", f"{parent}.id"],
        name=name,
        ondelete="CASCADE",
    )
