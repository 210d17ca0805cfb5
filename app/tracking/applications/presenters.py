"""From rows to what the contract shows."""

from collections.abc import Sequence
from typing import Any

from app.core.http.representations import Versioned, etag_of
from app.tracking.applications.lifecycle import Outcome
from app.tracking.applications.schemas import Application, OutcomeRecorded


def application(row: Any) -> Application:  # noqa: ANN401 - a row joined from four tables
    """Show an application with its company and people."""
    return Application(
        id=row.id,
        company={
            "id": row.company_id,
            "name": row.company_name,
            "website": row.company_website,
        },
        job_title=row.job_title,
        hiring_manager=_person(row, row.hiring_manager_id, "manager"),
        recruiter=_person(row, row.recruiter_id, "recruiter"),
        shared_with=row.recruiter_member_id,
        source=row.source,
        applied_on=row.applied_on,
        location=row.location,
        work_mode=row.work_mode,
        posting_url=row.posting_url,
        salary=row.salary,
        notes=row.notes,
        interest=row.interest,
        stage=row.stage,
        status=row.status,
        outcome_known_on=row.outcome_known_on,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def applications(rows: Sequence[Any]) -> list[Application]:
    """Show the applications of one page."""
    return [application(row) for row in rows]


def tag(row: Any) -> str:  # noqa: ANN401 - a row joined from four tables
    """Return the entity tag: it changes with everything the representation shows."""
    return etag_of(
        row.version, row.company_version, row.manager_version or 0, row.recruiter_version or 0
    )


def versioned(row: Any) -> Versioned[Application]:  # noqa: ANN401 - a row joined from four tables
    """Show an application with its entity tag."""
    return Versioned(application(row), tag(row))


def outcome(row: Any) -> Versioned[OutcomeRecorded]:  # noqa: ANN401 - a row joined from four tables
    """Show the outcome of an application that has one."""
    recorded = OutcomeRecorded(
        application=row.id,
        outcome=Outcome(row.status),
        known_on=row.outcome_known_on,
        recorded_at=row.outcome_recorded_at,
    )
    return Versioned(recorded, etag_of(row.version))


def _person(row: Any, identity: str | None, prefix: str) -> Any:  # noqa: ANN401 - validated into the schema
    if identity is None:
        return None
    names = ("name", "title", "email", "phone", "profile_url")
    return {"id": identity} | {name: getattr(row, f"{prefix}_{name}") for name in names}
