"""The time when the outcome of a training case first became known."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_NEXT_DAY = {
    "sqlite": "date(known_on, '+1 day') || ' 00:00:00.000000'",
    "postgresql": "(known_on + 1)::timestamp AT TIME ZONE 'UTC'",
}
_ENTERED = (
    "(SELECT created_at FROM applications AS a "
    "WHERE a.workspace_id = cases.workspace_id AND a.id = cases.application_id)"
)


def upgrade() -> None:
    """Add the column: the end of the day, or where nothing was foretold by then no time at all."""
    op.add_column("cases", sa.Column("known_at", sa.DateTime(timezone=True), nullable=True))
    kind = op.get_bind().dialect.name
    if kind == "postgresql":
        # Without a workspace, row-level security hides every row, from the owner too.
        for table in ("cases", "applications"):
            op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE cases SET known_at = CASE "  # noqa: S608 - constants
        f"WHEN foretold IS NOT NULL AND known_on IS NOT NULL THEN {_NEXT_DAY[kind]} "
        f"ELSE {_ENTERED} END WHERE result IS NOT NULL"
    )
    if kind == "postgresql":
        for table in ("cases", "applications"):
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Drop it."""
    op.drop_column("cases", "known_at")
