"""The owner of each record, and the external ids of imported applications."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make the outbox anew, and add what imports need.

    Facts from before do not say whose they are, so they could not be erased with that person.
    Nobody has been told of any yet.
    """
    op.drop_table("outbox")
    _make_outbox(
        sa.Column("candidate_id", ID, nullable=True),
        _to_members("candidate_id", "fk_outbox_candidate_id"),
    )
    op.create_index("ix_outbox_candidate", "outbox", ["workspace_id", "candidate_id", "id"])
    op.add_column("applications", sa.Column("external_id", sa.String(), nullable=True))
    op.add_column("applications", sa.Column("imported_digest", sa.LargeBinary(32), nullable=True))
    op.create_index(
        "uq_applications_external_id",
        "applications",
        ["workspace_id", "candidate_id", "external_id"],
        unique=True,
    )
    with op.batch_alter_table("stage_changes") as table:
        table.create_foreign_key(
            "fk_stage_changes_candidate_id",
            "members",
            ["workspace_id", "candidate_id"],
            ["workspace_id", "id"],
            ondelete="CASCADE",
        )


def downgrade() -> None:
    """Take it all away again, and make the outbox as it was."""
    with op.batch_alter_table("stage_changes") as table:
        table.drop_constraint("fk_stage_changes_candidate_id", type_="foreignkey")
    op.drop_index("uq_applications_external_id", "applications")
    op.drop_column("applications", "imported_digest")
    op.drop_column("applications", "external_id")
    op.drop_table("outbox")
    _make_outbox()


def _make_outbox(*more: sa.schema.SchemaItem) -> None:
    op.create_table(
        "outbox",
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_outbox"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE outbox ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE outbox FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY workspace ON outbox USING "
            "(workspace_id = NULLIF(current_setting('debrief.workspace_id', true), '')::uuid)"
        )


def _to_members(column: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        ["members.workspace_id", "members.id"],
        name=name,
        ondelete="CASCADE",
    )
