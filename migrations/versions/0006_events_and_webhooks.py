"""Events, background jobs, webhook endpoints and their deliveries, recruiters' interests."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables.

    The outbox goes: its facts have no place in an order, and nobody was ever told of them.
    """
    op.drop_table("outbox")
    op.add_column("applications", sa.Column("interest", sa.String(), nullable=True))
    op.add_column("feedback", sa.Column("acknowledged_at", INSTANT, nullable=True))
    _make_events()
    _make_jobs()
    _make_endpoints()
    _make_deliveries()
    _make_attempts()
    _make_replays()


def downgrade() -> None:
    """Take it all away again, and make the outbox as it was."""
    for table in ("attempts", "deliveries", "replays", "webhook_endpoints", "jobs", "events"):
        op.drop_table(table)
    op.drop_column("feedback", "acknowledged_at")
    op.drop_column("applications", "interest")
    _make_outbox()


def _make_events() -> None:
    _make(
        "events",
        sa.Column("candidate_id", ID, nullable=True),
        sa.Column("recruiter_id", ID, nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        _to("members", "candidate_id", "fk_events_candidate_id"),
        sqlite_with_rowid=False,
    )
    _index("uq_events_position", "events", "position", unique=True)
    _index("uq_events_sequence", "events", "subject", "sequence", unique=True)
    _index("ix_events_candidate", "events", "candidate_id", "position")
    told = sa.text("recruiter_id IS NOT NULL")
    op.create_index(
        "ix_events_recruiter",
        "events",
        ["workspace_id", "recruiter_id", "position"],
        sqlite_where=told,
        postgresql_where=told,
    )


def _make_jobs() -> None:
    # Workers read it before they know a workspace: no row-level security.
    op.create_table(
        "jobs",
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("is_slow", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "kind", "key", name="pk_jobs"),
    )
    op.create_index("ix_jobs_due", "jobs", ["kind", "is_slow", "due_at"])


def _make_endpoints() -> None:
    _make(
        "webhook_endpoints",
        sa.Column("member_id", ID, nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("types", JSON, nullable=True),
        sa.Column("payload", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("disabled_because", sa.String(), nullable=True),
        sa.Column("failing_since", INSTANT, nullable=True),
        sa.Column("waits_until", INSTANT, nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("secret_before", sa.LargeBinary(), nullable=True),
        sa.Column("secret_before_ends_at", INSTANT, nullable=True),
        _to("members", "member_id", "fk_webhook_endpoints_member_id"),
    )
    _index("ix_webhook_endpoints_member", "webhook_endpoints", "member_id", "id")


def _make_deliveries() -> None:
    _make(
        "deliveries",
        sa.Column("member_id", ID, nullable=False),
        sa.Column("endpoint_id", ID, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("replay_id", ID, nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts_made", sa.Integer(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("delivered_at", INSTANT, nullable=True),
        _to("members", "member_id", "fk_deliveries_member_id"),
        _to("webhook_endpoints", "endpoint_id", "fk_deliveries_endpoint_id"),
        _to("events", "event_id", "fk_deliveries_event_id"),
    )
    _index("ix_deliveries_endpoint", "deliveries", "endpoint_id", "id")
    _index("ix_deliveries_state", "deliveries", "endpoint_id", "state", "id")
    _index("ix_deliveries_due", "deliveries", "endpoint_id", "due_at", "id")
    _index("ix_deliveries_event", "deliveries", "event_id")
    _index("ix_deliveries_replay", "deliveries", "replay_id")


def _make_attempts() -> None:
    _make(
        "attempts",
        sa.Column("member_id", ID, nullable=False),
        sa.Column("delivery_id", ID, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("first_bytes", sa.String(), nullable=False),
        _to("members", "member_id", "fk_attempts_member_id"),
        _to("deliveries", "delivery_id", "fk_attempts_delivery_id"),
    )
    _index("ix_attempts_delivery", "attempts", "delivery_id", "id")


def _make_replays() -> None:
    _make(
        "replays",
        sa.Column("member_id", ID, nullable=False),
        sa.Column("endpoint_id", ID, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("types", JSON, nullable=True),
        sa.Column("only_undelivered", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("replayed", sa.Integer(), nullable=False),
        _to("members", "member_id", "fk_replays_member_id"),
        _to("webhook_endpoints", "endpoint_id", "fk_replays_endpoint_id"),
    )
    _index("ix_replays_endpoint", "replays", "endpoint_id", "id")


def _make_outbox() -> None:
    _make(
        "outbox",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("candidate_id", ID, nullable=True),
        _to("members", "candidate_id", "fk_outbox_candidate_id"),
    )
    _index("ix_outbox_candidate", "outbox", "candidate_id", "id")


def _make(table: str, *own: sa.schema.SchemaItem, **options: bool) -> None:
    op.create_table(
        table,
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        *own,
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=f"pk_{table}"),
        **options,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace ON {table} USING "
            "(workspace_id = NULLIF(current_setting('debrief.workspace_id', true), '')::uuid)"
        )


def _index(name: str, table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(name, table, ["workspace_id", *columns], unique=unique)


def _to(parent: str, column: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{parent}.workspace_id", f"{parent}.id"],
        name=name,
        ondelete="CASCADE",
    )
