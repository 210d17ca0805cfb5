"""What a candidate can do with references: name a referee, take the steps, thank them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core.http.pagination import fetch_page
from app.core.http.representations import Versioned, etag_of
from app.core.http.schemas import Page
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.ids import ApplicationId, PersonId, ReferenceId
from app.tracking.applications import service as applications
from app.tracking.people.schemas import Person
from app.tracking.people.service import get_or_create_person
from app.tracking.references.events import (
    ReferenceFact,
    ReferenceGiven,
    ReferenceNamed,
    ReferenceRequested,
    ReferenceThanked,
    ReferenceWarned,
)
from app.tracking.references.lifecycle import (
    REFERENCE,
    Move,
    Owed,
    ReferenceState,
)
from app.tracking.references.models import ReferenceRow
from app.tracking.references.problems import RefereeAlreadyNamed, ReferenceNotFound
from app.tracking.references.repository import (
    REFERENCE_BY_ID,
    REFERENCE_BY_REFEREE,
    REFERENCES_OF_APPLICATION,
    references,
)
from app.tracking.references.schemas import Reference, ReferenceCreate, ReferenceUpdate


@dataclass(frozen=True, slots=True)
class ReferenceTransition:
    """One step of the life-cycle: the move, where its time is kept, and what is announced."""

    move: Move
    at: str
    fact: type[ReferenceFact] | None


WARNING = ReferenceTransition(Move.WARN, "warned_at", ReferenceWarned)
REMINDER = ReferenceTransition(
    Move.REMIND, "reminded_at", None
)  # nothing that anybody else has to know
REQUEST = ReferenceTransition(Move.REQUEST, "requested_at", ReferenceRequested)
DELIVERY = ReferenceTransition(Move.GIVE, "given_at", ReferenceGiven)
THANKS = ReferenceTransition(Move.THANK, "thanked_at", ReferenceThanked)


def get(work: ReadSession, reference_id: ReferenceId) -> Any:  # noqa: ANN401 - a row joined from three tables
    """Return the reference with its referee; raise ReferenceNotFound when this caller sees none."""
    row = work.one_or_none(REFERENCE_BY_ID, id=reference_id)
    if row is None:
        raise ReferenceNotFound
    return row


def show(work: ReadSession, reference_id: ReferenceId) -> Versioned[Reference]:
    """Show one reference."""
    row = get(work, reference_id)
    return Versioned(_present(row), _tag(row))


def list_(work: ReadSession, owed: bool | None, limit: int, cursor: str | None) -> Page[Reference]:  # noqa: FBT001 - a filter, as it was asked for
    """Show the references of all applications, in the order they were named."""
    return fetch_page(
        work,
        references(owed=owed),
        _present_all,
        filters={} if owed is None else {"owed": owed},
        limit=limit,
        cursor=cursor,
    )


def list_of(
    work: ReadSession, application_id: ApplicationId, limit: int, cursor: str | None
) -> Page[Reference]:
    """Show the references of one application, in the order they were named."""
    applications.get_summary(work, application_id)
    return fetch_page(
        work,
        REFERENCES_OF_APPLICATION,
        _present_all,
        filters={"application_id": application_id},
        limit=limit,
        cursor=cursor,
    )


def create(
    work: WriteSession, application_id: ApplicationId, wanted: ReferenceCreate
) -> Versioned[Reference]:
    """Name somebody who is to speak for the candidate."""
    application = applications.get_summary(work, application_id)
    referee_id = get_or_create_person(work, wanted.referee, None)
    _check_new(work, application_id, referee_id)
    reference_id = ReferenceId(
        work.add(
            ReferenceRow,
            candidate_id=application.candidate_id,
            application_id=application_id,
            referee_id=referee_id,
            note=wanted.note,
            state=ReferenceState.NAMED.value,
            **dict.fromkeys(step.at for step in (WARNING, REMINDER, REQUEST, DELIVERY, THANKS)),
        )
    )
    _announce(work, ReferenceNamed, get(work, reference_id))
    return show(work, reference_id)


def update(
    work: WriteSession, reference_id: ReferenceId, wanted: ReferenceUpdate
) -> Versioned[Reference]:
    """Change what is given; somebody else takes the referee's place only before any step."""
    row = _expected(work, reference_id)
    changes = wanted.columns(given=True, without=frozenset({"referee"}))
    if "referee" in wanted.model_fields_set:
        changes["referee_id"] = _referee(work, row, wanted)
    if not work.update(ReferenceRow, row, **changes) and _tag(get(work, reference_id)) != _tag(row):
        work.force_update(ReferenceRow, row)  # the referee is known better now
    return show(work, reference_id)


def record_step(
    work: WriteSession, reference_id: ReferenceId, step: ReferenceTransition
) -> Versioned[Reference]:
    """Take a step, and keep when."""
    row = _expected(work, reference_id)
    state = REFERENCE.next_state(ReferenceState(row.state), step.move)
    work.update(ReferenceRow, row, state=state.value, **{step.at: work.now})
    if step.fact is not None:
        _announce(work, step.fact, get(work, reference_id))
    return show(work, reference_id)


def delete(work: WriteSession, reference_id: ReferenceId) -> None:
    """Delete it; who the referee is stays known."""
    work.delete(ReferenceRow, _expected(work, reference_id))


def _expected(work: WriteSession, reference_id: ReferenceId) -> Any:  # noqa: ANN401 - a row joined from three tables
    """Return the reference, once it is known to be the version that the caller has seen."""
    row = get(work, reference_id)
    work.check_precondition(_tag(row))
    return row


def _referee(work: WriteSession, row: ReferenceRow, wanted: ReferenceUpdate) -> PersonId:
    referee_id = get_or_create_person(work, wanted.referee, None)
    if referee_id != row.referee_id:
        REFERENCE.next_state(ReferenceState(row.state), Move.REPLACE)
        _check_new(work, row.application_id, referee_id)
    return referee_id


def _check_new(work: WriteSession, application_id: ApplicationId, referee_id: PersonId) -> None:
    named = {"application_id": application_id, "referee_id": referee_id}
    before = work.one_or_none(REFERENCE_BY_REFEREE, **named)
    if before is not None:
        raise RefereeAlreadyNamed(reference=before.id)


def _announce(work: WriteSession, kind: type[ReferenceFact], row: ReferenceRow) -> None:
    work.publish(kind(row.candidate_id, row.application_id, row.id, row.state))


def _tag(row: Any) -> str:  # noqa: ANN401 - a row joined from three tables
    # What is owed hangs on the application too, which may end without a change of this row.
    return etag_of(row.version, row.referee_version, int(row.owes_warning), int(row.owes_thanks))


def _present_all(rows: Sequence[Any]) -> list[Reference]:
    return [_present(row) for row in rows]


def _present(row: Any) -> Reference:  # noqa: ANN401 - a row joined from three tables
    owes = {Owed.WARN: row.owes_warning, Owed.THANK: row.owes_thanks}
    return Reference(
        id=row.id,
        application=row.application_id,
        referee=Person(
            id=row.referee_id,
            name=row.referee_name,
            title=row.referee_title,
            email=row.referee_email,
            phone=row.referee_phone,
            profile_url=row.referee_profile_url,
        ),
        note=row.note,
        state=ReferenceState(row.state),
        needs=[need for need, is_owed in owes.items() if is_owed],
        warned_at=row.warned_at,
        reminded_at=row.reminded_at,
        requested_at=row.requested_at,
        given_at=row.given_at,
        thanked_at=row.thanked_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
