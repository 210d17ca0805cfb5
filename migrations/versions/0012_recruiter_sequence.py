"""The sequence number of an event among those that the recruiter may see."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TOLD = "recruiter_sequence IS NOT NULL"


def upgrade() -> None:
    """Add the column; what recruiters were told goes on from the number they were told last."""
    op.add_column("events", sa.Column("recruiter_sequence", sa.BigInteger(), nullable=True))
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        # Without a workspace, row-level security hides every row, from the owner too.
        op.execute("ALTER TABLE events NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE events SET recruiter_sequence = sequence "
        "WHERE recruiter_id IS NOT NULL AND NOT is_private"
    )
    if is_postgresql:
        op.execute("ALTER TABLE events FORCE ROW LEVEL SECURITY")
    op.create_index(
        "uq_events_recruiter_sequence",
        "events",
        ["workspace_id", "recruiter_id", "subject", "recruiter_sequence"],
        unique=True,
        sqlite_where=sa.text(_TOLD),
        postgresql_where=sa.text(_TOLD),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("uq_events_recruiter_sequence", "events")
    op.drop_column("events", "recruiter_sequence")
