"""The identities of members at the operator's OpenID Connect provider."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "identities",
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"],
            ["members.workspace_id", "members.id"],
            name="fk_identities_member_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_identities"),
    )
    op.create_index(
        "uq_identities_subject",
        "identities",
        ["workspace_id", "issuer", "subject", "role"],
        unique=True,
    )
    op.create_index("ix_identities_member_id", "identities", ["workspace_id", "member_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE identities ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE identities FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY workspace ON identities USING "
            "(workspace_id = NULLIF(current_setting('debrief.workspace_id', true), '')::uuid)"
        )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("identities")
