"""Whether what was foretold of a case is frozen: its outcome was known once."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: frozen is what has taught something, or has a result."""
    op.add_column(
        "cases", sa.Column("is_frozen", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    if op.get_bind().dialect.name == "postgresql":
        # The policies hide every row from whoever has not said a workspace, owners included.
        op.execute("ALTER TABLE cases NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE cases SET is_frozen = true WHERE result IS NOT NULL OR foretold IS NOT NULL "
        "OR packed IS NOT NULL"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE cases FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Drop it."""
    op.drop_column("cases", "is_frozen")
