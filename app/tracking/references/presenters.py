"""From reference rows to responses."""

from app.core.http.representations import JsonObject, JsonView, Resource
from app.core.unit_of_work.preconditions import etag_of
from app.tracking.references.lifecycle import Owed
from app.tracking.references.repository import ReferenceRecord
from app.tracking.references.schemas import Reference


def _referee(row: ReferenceRecord) -> JsonObject:
    return {
        "id": row.referee_id,
        "name": row.referee_name,
        "title": row.referee_title,
        "email": row.referee_email,
        "phone": row.referee_phone,
        "profile_url": row.referee_profile_url,
    }


def _needs(row: ReferenceRecord) -> list[Owed]:
    needs = {Owed.WARN: row.needs_warning, Owed.THANK: row.needs_thanks}
    return [action for action, is_needed in needs.items() if is_needed]


REFERENCE = JsonView(
    Reference, ReferenceRecord, application="application_id", referee=_referee, needs=_needs
)


def etag(row: ReferenceRecord) -> str:
    """Return the ETag; pending actions also depend on whether the application has ended."""
    return etag_of(row.version, row.referee_version, int(row.needs_warning), int(row.needs_thanks))


def reference(row: ReferenceRecord) -> Resource[ReferenceRecord]:
    """Return a reference as it is shown."""
    return Resource(row, REFERENCE, etag(row))
