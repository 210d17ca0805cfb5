"""From application rows to responses."""

from app.core.http.representations import JsonObject, JsonView, Resource, object_of
from app.core.http.schemas import Money
from app.core.unit_of_work.preconditions import etag_of
from app.tracking.applications.repository import ApplicationRecord
from app.tracking.applications.schemas import Application, OutcomeRecorded

_PERSON = ("name", "title", "email", "phone", "profile_url")


def _company(row: ApplicationRecord) -> JsonObject:
    return {"id": row.company_id, "name": row.company_name, "website": row.company_website}


def _hiring_manager(row: ApplicationRecord) -> JsonObject | None:
    return _person(row, row.hiring_manager_id, "manager")


def _recruiter(row: ApplicationRecord) -> JsonObject | None:
    return _person(row, row.recruiter_id, "recruiter")


def _person(row: ApplicationRecord, person_id: str | None, prefix: str) -> JsonObject | None:
    if person_id is None:
        return None
    return {"id": person_id} | {name: getattr(row, f"{prefix}_{name}") for name in _PERSON}


APPLICATION = JsonView(
    Application,
    ApplicationRecord,
    company=_company,
    hiring_manager=_hiring_manager,
    recruiter=_recruiter,
    shared_with="recruiter_member_id",
    salary=lambda row: object_of(Money, row.salary),
)

OUTCOME = JsonView(
    OutcomeRecorded,
    ApplicationRecord,
    application="id",
    outcome="status",
    known_on="outcome_known_on",
    recorded_at="outcome_recorded_at",
)


def etag(row: ApplicationRecord) -> str:
    """Return the ETag of an application, which shows its company and people too."""
    return etag_of(
        row.version, row.company_version, row.manager_version or 0, row.recruiter_version or 0
    )


def application(row: ApplicationRecord) -> Resource[ApplicationRecord]:
    """Return an application as it is shown."""
    return Resource(row, APPLICATION, etag(row))


def outcome(row: ApplicationRecord) -> Resource[ApplicationRecord]:
    """Return the outcome of an application that has one."""
    return Resource(row, OUTCOME, etag_of(row.version))
