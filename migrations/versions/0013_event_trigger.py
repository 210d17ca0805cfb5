"""A trigger of SQLite that enqueues the fan-out of an event; revision 0015 drops it."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TRIGGER = """
CREATE TRIGGER events_ask_to_be_told AFTER INSERT ON events
BEGIN
    INSERT INTO jobs (workspace_id, kind, key, asked, done, due_at, is_slow, failures)
    VALUES (new.workspace_id, 'tell', '', 1, 0, new.created_at, 0, 0)
    ON CONFLICT (workspace_id, kind, key) DO UPDATE SET asked = asked + 1;
    UPDATE jobs SET due_at = new.created_at
    WHERE workspace_id = new.workspace_id AND kind = 'tell' AND key = ''
    AND lease IS NULL AND (due_at IS NULL OR due_at > new.created_at);
END
"""
# A server that ran on while the trigger was dropped has written events that nobody counted, and
# gives out the position of the last of them for ever.
_COUNT_ANEW = """
UPDATE jobs SET
    asked = (SELECT max(position) FROM events WHERE events.workspace_id = jobs.workspace_id),
    due_at = CASE WHEN lease IS NULL THEN '1970-01-01 00:00:00.000000' ELSE due_at END
WHERE kind = 'tell' AND key = ''
AND asked < (SELECT max(position) FROM events WHERE events.workspace_id = jobs.workspace_id)
"""


def upgrade() -> None:
    """Make the trigger; PostgreSQL lets one statement do both without."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_TRIGGER)
        op.execute(_COUNT_ANEW)


def downgrade() -> None:
    """Drop it."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER events_ask_to_be_told")
