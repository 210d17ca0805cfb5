"""Stored responses of requests with an `Idempotency-Key`."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "kept_answers",
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
            name="fk_kept_answers_member_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_kept_answers"),
    )
    op.create_index(
        "uq_kept_answers_key_digest", "kept_answers", ["workspace_id", "key_digest"], unique=True
    )
    op.create_index("ix_kept_answers_created_at", "kept_answers", ["workspace_id", "created_at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE kept_answers ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE kept_answers FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY workspace ON kept_answers USING "
            "(workspace_id = NULLIF(current_setting('debrief.workspace_id', true), '')::uuid)"
        )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("kept_answers")
