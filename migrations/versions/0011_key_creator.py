"""The member who created an API key."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def upgrade() -> None:
    """Add the column; of the keys there are it is not known."""
    op.add_column("api_keys", sa.Column("made_by", ID, nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("api_keys", "made_by")
