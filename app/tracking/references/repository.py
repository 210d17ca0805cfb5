"""Every query over references, each with the referee and with what is owed to them."""

from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from app.core.http.pagination import KeysetQuery, Order, keyset_query
from app.core.persistence.tenancy import TenantQuery
from app.tracking.applications.lifecycle import Status
from app.tracking.applications.models import ApplicationRow
from app.tracking.people.models import PersonRow
from app.tracking.references.lifecycle import ReferenceState
from app.tracking.references.models import ReferenceRow

_GOES_ON = ApplicationRow.status == Status.ACTIVE.value

# Too late once the reference is given, and of no use once the application is over.
_OWES_WARNING = and_(
    ReferenceRow.warned_at.is_(None),
    ReferenceRow.state.in_([ReferenceState.NAMED.value, ReferenceState.AWAITED.value]),
    _GOES_ON,
)

# One rarely hears whether the call came: in the end, whoever waited for it is thanked as well.
_OWES_THANKS = or_(
    ReferenceRow.state == ReferenceState.GIVEN.value,
    and_(ReferenceRow.state == ReferenceState.AWAITED.value, ~_GOES_ON),
)

_COLUMNS: list[Any] = [
    *ReferenceRow.data_columns(),
    *(
        getattr(PersonRow, name).label(f"referee_{name}")
        for name in ("name", "title", "email", "phone", "profile_url", "version")
    ),
    _OWES_WARNING.label("owes_warning"),
    _OWES_THANKS.label("owes_thanks"),
]

_REFERENCES = (
    select(*_COLUMNS)
    .select_from(ReferenceRow)
    .join(
        ApplicationRow,
        and_(
            ApplicationRow.workspace_id == ReferenceRow.workspace_id,
            ApplicationRow.id == ReferenceRow.application_id,
        ),
    )
    .join(
        PersonRow,
        and_(
            PersonRow.workspace_id == ReferenceRow.workspace_id,
            PersonRow.id == ReferenceRow.referee_id,
        ),
    )
)

REFERENCE_BY_ID = TenantQuery(ReferenceRow, _REFERENCES.where(ReferenceRow.id == bindparam("id")))

REFERENCE_BY_REFEREE = TenantQuery(
    ReferenceRow,
    _REFERENCES.where(
        ReferenceRow.application_id == bindparam("application_id"),
        ReferenceRow.referee_id == bindparam("referee_id"),
    ),
)

REFERENCES_OF_APPLICATION = keyset_query(
    ReferenceRow,
    _REFERENCES.where(ReferenceRow.application_id == bindparam("application_id")),
    Order(ReferenceRow.id),
)


@cache
def references(*, owed: bool | None) -> KeysetQuery[ReferenceRow]:
    """Return the list of all; or of those to whom something is owed, or nothing."""
    owes = or_(_OWES_WARNING, _OWES_THANKS)
    criteria = {None: [], True: [owes], False: [~owes]}[owed]
    return keyset_query(ReferenceRow, _REFERENCES.where(*criteria), Order(ReferenceRow.id))
