"""The initial tables, with row-level security for those that belong to a workspace."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Spelt out here and not imported: a revision must stay what it was when the code moves on.
ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

TABLES = (
    "outbox",
    "workspaces",
    "members",
    "api_keys",
    "companies",
    "people",
    "applications",
    "assessments",
    "estimates",
    "interviews",
    "stage_changes",
    "feedback",
    "panel_members",
    "signal_sheets",
)
GUARDED = tuple(table for table in TABLES if table not in {"workspaces", "api_keys"})


def upgrade() -> None:
    """Make every table; parents first."""
    op.create_table(
        "outbox",
        *_identity(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        *_kept(),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_outbox"),
    )
    op.create_table(
        "workspaces",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workspaces"),
    )
    op.create_table(
        "members",
        *_identity(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_members_workspace_id"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_members"),
    )
    op.create_table(
        "api_keys",
        *_identity(),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("last_used_at", INSTANT, nullable=True),
        *_kept(),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"],
            ["members.workspace_id", "members.id"],
            name="fk_api_keys_member_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )
    op.create_table(
        "companies",
        *_identity(),
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("website", sa.String(), nullable=True),
        *_kept(),
        sa.ForeignKeyConstraint(
            ["workspace_id", "candidate_id"],
            ["members.workspace_id", "members.id"],
            name="fk_companies_candidate_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_companies"),
    )
    op.create_index(
        "uq_companies_name_key",
        "companies",
        ["workspace_id", "candidate_id", "name_key"],
        unique=True,
    )

    op.create_table(
        "people",
        *_identity(),
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("company_id", ID, nullable=True),
        sa.Column("identity_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("profile_url", sa.String(), nullable=True),
        *_kept(),
        sa.ForeignKeyConstraint(
            ["workspace_id", "candidate_id"],
            ["members.workspace_id", "members.id"],
            name="fk_people_candidate_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "company_id"],
            ["companies.workspace_id", "companies.id"],
            name="fk_people_company_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_people"),
    )
    op.create_index(
        "uq_people_identity_key",
        "people",
        ["workspace_id", "candidate_id", "identity_key"],
        unique=True,
    )

    op.create_table(
        "applications",
        *_identity(),
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("company_id", ID, nullable=False),
        sa.Column("job_title", sa.String(), nullable=False),
        sa.Column("hiring_manager_id", ID, nullable=True),
        sa.Column("recruiter_id", ID, nullable=True),
        sa.Column("recruiter_member_id", ID, nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("location", sa.String(), nullable=True),
        sa.Column("work_mode", sa.String(), nullable=True),
        sa.Column("posting_url", sa.String(), nullable=True),
        sa.Column("salary", JSON, nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("outcome_known_on", sa.Date(), nullable=True),
        sa.Column("outcome_recorded_at", INSTANT, nullable=True),
        *_kept(),
        sa.ForeignKeyConstraint(
            ["workspace_id", "candidate_id"],
            ["members.workspace_id", "members.id"],
            name="fk_applications_candidate_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "company_id"],
            ["companies.workspace_id", "companies.id"],
            name="fk_applications_company_id",
            ondelete="NO ACTION",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "hiring_manager_id"],
            ["people.workspace_id", "people.id"],
            name="fk_applications_hiring_manager_id",
            ondelete="NO ACTION",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "recruiter_id"],
            ["people.workspace_id", "people.id"],
            name="fk_applications_recruiter_id",
            ondelete="NO ACTION",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "recruiter_member_id"],
            ["members.workspace_id", "members.id"],
            name="fk_applications_recruiter_member_id",
            ondelete="NO ACTION",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_applications"),
    )
    op.create_index(
        "ix_applications_applied",
        "applications",
        ["workspace_id", "candidate_id", "applied_on", "id"],
        unique=False,
    )
    op.create_index(
        "ix_applications_company",
        "applications",
        ["workspace_id", "candidate_id", "company_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_applications_newest",
        "applications",
        ["workspace_id", "candidate_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_applications_recruiter",
        "applications",
        ["workspace_id", "recruiter_member_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_applications_status",
        "applications",
        ["workspace_id", "candidate_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        "ix_applications_updated",
        "applications",
        ["workspace_id", "candidate_id", "updated_at", "id"],
        unique=False,
    )

    op.create_table(
        "assessments",
        *_identity(),
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("questionnaire_version", sa.String(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("own_score", sa.Integer(), nullable=True),
        sa.Column("assessed_at", INSTANT, nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(
            ["workspace_id", "application_id"],
            ["applications.workspace_id", "applications.id"],
            name="fk_assessments_application_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "candidate_id"],
            ["members.workspace_id", "members.id"],
            name="fk_assessments_candidate_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_assessments"),
    )
    op.create_index(
        "uq_assessments_application", "assessments", ["workspace_id", "application_id"], unique=True
    )

    op.create_table(
        "estimates",
        *_identity(),
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("inputs_digest", sa.String(), nullable=False),
        sa.Column("inputs", JSON, nullable=False),
        sa.Column("answer", JSON, nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(
            ["workspace_id", "application_id"],
            ["applications.workspace_id", "applications.id"],
            name="fk_estimates_application_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "candidate_id"],
            ["members.workspace_id", "members.id"],
            name="fk_estimates_candidate_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_estimates"),
    )
    op.create_index(
        "ix_estimates_application",
        "estimates",
        ["workspace_id", "application_id", "id"],
        unique=False,
    )

    op.create_table(
        "interviews",
        *_identity(),
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("planned_minutes", sa.Integer(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        *_kept(),
        sa.ForeignKeyConstraint(
            ["workspace_id", "application_id"],
            ["applications.workspace_id", "applications.id"],
            name="fk_interviews_application_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "candidate_id"],
            ["members.workspace_id", "members.id"],
            name="fk_interviews_candidate_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_interviews"),
    )
    op.create_index(
        "ix_interviews_application",
        "interviews",
        ["workspace_id", "application_id", "id"],
        unique=False,
    )

    op.create_table(
        "stage_changes",
        *_identity(),
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("stage_before", sa.String(), nullable=True),
        sa.Column("stage_after", sa.String(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(
            ["workspace_id", "application_id"],
            ["applications.workspace_id", "applications.id"],
            name="fk_stage_changes_application_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_stage_changes"),
    )
    op.create_index(
        "ix_stage_changes_application",
        "stage_changes",
        ["workspace_id", "application_id", "id"],
        unique=False,
    )

    op.create_table(
        "feedback",
        *_identity(),
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("interview_id", ID, nullable=False),
        sa.Column("written_by", ID, nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("minutes_after_interview", sa.Integer(), nullable=True),
        *_kept(),
        sa.ForeignKeyConstraint(
            ["workspace_id", "candidate_id"],
            ["members.workspace_id", "members.id"],
            name="fk_feedback_candidate_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "interview_id"],
            ["interviews.workspace_id", "interviews.id"],
            name="fk_feedback_interview_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "written_by"],
            ["members.workspace_id", "members.id"],
            name="fk_feedback_written_by",
            ondelete="NO ACTION",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_feedback"),
    )
    op.create_index(
        "ix_feedback_interview", "feedback", ["workspace_id", "interview_id", "id"], unique=False
    )

    op.create_table(
        "panel_members",
        *_identity(),
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("interview_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("seniority", sa.String(), nullable=True),
        sa.Column("has_final_say", sa.Boolean(), nullable=True),
        *_kept(),
        sa.ForeignKeyConstraint(
            ["workspace_id", "candidate_id"],
            ["members.workspace_id", "members.id"],
            name="fk_panel_members_candidate_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "interview_id"],
            ["interviews.workspace_id", "interviews.id"],
            name="fk_panel_members_interview_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "person_id"],
            ["people.workspace_id", "people.id"],
            name="fk_panel_members_person_id",
            ondelete="NO ACTION",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_panel_members"),
    )
    op.create_index(
        "ix_panel_members_interview",
        "panel_members",
        ["workspace_id", "interview_id", "place"],
        unique=False,
    )

    op.create_table(
        "signal_sheets",
        *_identity(),
        sa.Column("candidate_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("interview_id", ID, nullable=False),
        sa.Column("signals", JSON, nullable=False),
        sa.Column("notes", JSON, nullable=False),
        *_kept(),
        sa.ForeignKeyConstraint(
            ["workspace_id", "application_id"],
            ["applications.workspace_id", "applications.id"],
            name="fk_signal_sheets_application_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "candidate_id"],
            ["members.workspace_id", "members.id"],
            name="fk_signal_sheets_candidate_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "interview_id"],
            ["interviews.workspace_id", "interviews.id"],
            name="fk_signal_sheets_interview_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_signal_sheets"),
    )
    op.create_index(
        "ix_signal_sheets_application",
        "signal_sheets",
        ["workspace_id", "application_id"],
        unique=False,
    )
    op.create_index(
        "uq_signal_sheets_interview", "signal_sheets", ["workspace_id", "interview_id"], unique=True
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in GUARDED:
            _guard(table)


def downgrade() -> None:
    """Drop every table, children first."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _identity() -> list[sa.Column[bytes]]:
    return [
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
    ]


def _kept() -> list[sa.Column[object]]:
    return [
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    ]


def _guard(table: str) -> None:
    """Let a row be seen and written only by a connection that serves its workspace."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    # The owner of a table is exempt unless forced, and the service usually is the owner.
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY workspace ON {table} USING "
        "(workspace_id = NULLIF(current_setting('debrief.workspace_id', true), '')::uuid)"
    )
