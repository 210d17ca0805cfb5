"""Queries over references, each with its referee and the pending actions of the candidate."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, or_, select

from app.core.http.pagination import KeysetQuery, Order, keyset_query
from app.core.persistence.tenancy import TenantQuery, on_same_workspace
from app.kit.ids import ApplicationId, MemberId, PersonId, ReferenceId
from app.tracking.applications.lifecycle import Status
from app.tracking.applications.models import ApplicationRow
from app.tracking.people.models import PersonRow
from app.tracking.references.lifecycle import ReferenceState
from app.tracking.references.models import ReferenceRow


class ReferenceRecord(NamedTuple):
    """A reference with its referee."""

    id: ReferenceId
    candidate_id: MemberId
    application_id: ApplicationId
    referee_id: PersonId
    note: str | None
    state: ReferenceState
    warned_at: datetime | None
    reminded_at: datetime | None
    requested_at: datetime | None
    given_at: datetime | None
    thanked_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    referee_name: str
    referee_title: str | None
    referee_email: str | None
    referee_phone: str | None
    referee_profile_url: str | None
    referee_version: int
    needs_warning: bool
    needs_thanks: bool


_is_active = ApplicationRow.status == Status.ACTIVE

# A warning is too late once the reference is given, and useless once the application has ended.
_needs_warning = and_(
    ReferenceRow.warned_at.is_(None),
    ReferenceRow.state.in_([ReferenceState.NAMED, ReferenceState.AWAITED]),
    _is_active,
)

# A candidate rarely hears whether the call came, so a referee who waited for it is thanked too.
_needs_thanks = or_(
    ReferenceRow.state == ReferenceState.GIVEN,
    and_(ReferenceRow.state == ReferenceState.AWAITED, ~_is_active),
)


def _columns() -> list[Any]:
    labelled = {
        f"referee_{name}": getattr(PersonRow, name).label(f"referee_{name}")
        for name in ("name", "title", "email", "phone", "profile_url", "version")
    } | {
        "needs_warning": _needs_warning.label("needs_warning"),
        "needs_thanks": _needs_thanks.label("needs_thanks"),
    }
    return [
        labelled[name] if name in labelled else getattr(ReferenceRow, name)
        for name in ReferenceRecord._fields
    ]


_REFERENCES = (
    select(*_columns())
    .select_from(ReferenceRow)
    .join(
        ApplicationRow,
        on_same_workspace(
            ReferenceRow, ApplicationRow, ApplicationRow.id == ReferenceRow.application_id
        ),
    )
    .join(
        PersonRow,
        on_same_workspace(ReferenceRow, PersonRow, PersonRow.id == ReferenceRow.referee_id),
    )
)

REFERENCE_BY_ID = TenantQuery(
    ReferenceRow, ReferenceRecord, _REFERENCES.where(ReferenceRow.id == bindparam("id"))
)

REFERENCE_BY_REFEREE = TenantQuery(
    ReferenceRow,
    ReferenceRecord,
    _REFERENCES.where(
        ReferenceRow.application_id == bindparam("application_id"),
        ReferenceRow.referee_id == bindparam("referee_id"),
    ),
)

REFERENCES_OF_APPLICATION = keyset_query(
    ReferenceRow,
    ReferenceRecord,
    _REFERENCES.where(ReferenceRow.application_id == bindparam("application_id")),
    Order(ReferenceRow.id),
)


@cache
def references(*, has_pending_action: bool | None) -> KeysetQuery[ReferenceRecord]:
    """Return the list query of all references, or of those with or without pending actions."""
    is_pending = or_(_needs_warning, _needs_thanks)
    criteria = {None: [], True: [is_pending], False: [~is_pending]}[has_pending_action]
    return keyset_query(
        ReferenceRow, ReferenceRecord, _REFERENCES.where(*criteria), Order(ReferenceRow.id)
    )
