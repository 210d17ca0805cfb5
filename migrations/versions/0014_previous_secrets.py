"""All secrets of an endpoint that still sign, not only the last one that was replaced."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_TABLE = "webhook_endpoints"
_OLD = ("secret_before", "secret_before_ends_at")
_GATHERED = {
    "sqlite": "json_array(json_object('sealed', lower(hex(secret_before)), "
    "'ends_at', secret_before_ends_at || '+00:00'))",
    "postgresql": "jsonb_build_array(jsonb_build_object('sealed', encode(secret_before, 'hex'), "
    "'ends_at', to_char(secret_before_ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') "
    "|| '+00:00'))",
}


def upgrade() -> None:
    """Gather the one there can be in the list of those that sign besides."""
    op.add_column(_TABLE, sa.Column("secrets_before", JSON, nullable=True))
    dialect = op.get_bind().dialect.name
    _change_all(
        f"UPDATE {_TABLE} SET secrets_before = {_GATHERED[dialect]} "  # noqa: S608 - constants
        "WHERE secret_before IS NOT NULL AND secret_before_ends_at IS NOT NULL"
    )
    for column in _OLD:
        op.drop_column(_TABLE, column)


def downgrade() -> None:
    """Leave one column for one secret; those that still signed besides sign no more."""
    op.add_column(_TABLE, sa.Column("secret_before", sa.LargeBinary(), nullable=True))
    op.add_column(_TABLE, sa.Column("secret_before_ends_at", INSTANT, nullable=True))
    op.drop_column(_TABLE, "secrets_before")


def _change_all(statement: str) -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        # Without a workspace, row-level security hides every row, from the owner too.
        op.execute(f"ALTER TABLE {_TABLE} NO FORCE ROW LEVEL SECURITY")
    op.execute(sa.text(statement.replace(":", r"\:")))
    if is_postgresql:
        op.execute(f"ALTER TABLE {_TABLE} FORCE ROW LEVEL SECURITY")
