"""References: name a referee, list, update, record each step, delete."""

from dataclasses import dataclass

from app.core.http.pagination import fetch_page
from app.core.http.representations import Resource, ResourcePage
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.ids import ApplicationId, PersonId, ReferenceId
from app.tracking.applications import service as applications
from app.tracking.people.service import get_or_create_person
from app.tracking.references import presenters
from app.tracking.references.events import (
    ReferenceEvent,
    ReferenceGiven,
    ReferenceNamed,
    ReferenceRequested,
    ReferenceThanked,
    ReferenceWarned,
)
from app.tracking.references.lifecycle import REFERENCE, Move, ReferenceState
from app.tracking.references.models import ReferenceRow
from app.tracking.references.problems import RefereeAlreadyNamed, ReferenceNotFound
from app.tracking.references.repository import (
    REFERENCE_BY_ID,
    REFERENCE_BY_REFEREE,
    REFERENCES_OF_APPLICATION,
    ReferenceRecord,
    references,
)
from app.tracking.references.schemas import ReferenceCreate, ReferenceUpdate


@dataclass(frozen=True, slots=True)
class ReferenceTransition:
    """One step: the move in the state machine, the column of its time, and its event."""

    move: Move
    at: str
    event: type[ReferenceEvent] | None


WARNING = ReferenceTransition(Move.WARN, "warned_at", ReferenceWarned)
REMINDER = ReferenceTransition(Move.REMIND, "reminded_at", None)
REQUEST = ReferenceTransition(Move.REQUEST, "requested_at", ReferenceRequested)
DELIVERY = ReferenceTransition(Move.GIVE, "given_at", ReferenceGiven)
THANKS = ReferenceTransition(Move.THANK, "thanked_at", ReferenceThanked)
_TRANSITIONS = (WARNING, REMINDER, REQUEST, DELIVERY, THANKS)


def show(session: ReadSession, reference_id: ReferenceId) -> Resource[ReferenceRecord]:
    """Show one reference."""
    return presenters.reference(_get(session, reference_id))


def list_(
    session: ReadSession,
    *,
    has_pending_action: bool | None,
    limit: int,
    cursor: str | None,
) -> ResourcePage[ReferenceRecord]:
    """Show the references of all applications, in the order in which they were created."""
    return fetch_page(
        session,
        references(has_pending_action=has_pending_action),
        presenters.REFERENCE,
        filters={} if has_pending_action is None else {"owed": has_pending_action},
        limit=limit,
        cursor=cursor,
    )


def list_of(
    session: ReadSession, application_id: ApplicationId, limit: int, cursor: str | None
) -> ResourcePage[ReferenceRecord]:
    """Show the references of one application, in the order in which they were created."""
    applications.get_summary(session, application_id)
    return fetch_page(
        session,
        REFERENCES_OF_APPLICATION,
        presenters.REFERENCE,
        filters={"application_id": application_id},
        limit=limit,
        cursor=cursor,
    )


def create(
    session: WriteSession, application_id: ApplicationId, body: ReferenceCreate
) -> Resource[ReferenceRecord]:
    """Name a referee for an application."""
    application = applications.get_summary(session, application_id)
    referee_id = get_or_create_person(session, body.referee, None)
    _check_new(session, application_id, referee_id)
    reference_id = ReferenceId(
        session.add(
            ReferenceRow,
            candidate_id=application.candidate_id,
            application_id=application_id,
            referee_id=referee_id,
            note=body.note,
            state=ReferenceState.NAMED,
            **dict.fromkeys(transition.at for transition in _TRANSITIONS),
        )
    )
    _publish(session, ReferenceNamed, _get(session, reference_id))
    return show(session, reference_id)


def update(
    session: WriteSession, reference_id: ReferenceId, body: ReferenceUpdate
) -> Resource[ReferenceRecord]:
    """Change the fields that are sent; the referee can be replaced only before the first step."""
    row = _get_for_update(session, reference_id)
    changes = body.columns(given=True, without=frozenset({"referee"}))
    if "referee" in body.model_fields_set:
        changes["referee_id"] = _referee(session, row, body)
    is_changed = session.update(ReferenceRow, row, **changes)
    if not is_changed and presenters.etag(_get(session, reference_id)) != presenters.etag(row):
        session.force_update(ReferenceRow, row)  # the referee has new details
    return show(session, reference_id)


def record_step(
    session: WriteSession, reference_id: ReferenceId, transition: ReferenceTransition
) -> Resource[ReferenceRecord]:
    """Record a step and when it was taken."""
    row = _get_for_update(session, reference_id)
    state = REFERENCE.next_state(row.state, transition.move)
    session.update(ReferenceRow, row, state=state, **{transition.at: session.now})
    if transition.event is not None:
        _publish(session, transition.event, _get(session, reference_id))
    return show(session, reference_id)


def delete(session: WriteSession, reference_id: ReferenceId) -> None:
    """Delete the reference; the referee stays in the candidate's people."""
    session.delete(ReferenceRow, _get_for_update(session, reference_id))


def _get(session: ReadSession, reference_id: ReferenceId) -> ReferenceRecord:
    return session.get(REFERENCE_BY_ID, ReferenceNotFound, id=reference_id)


def _get_for_update(session: WriteSession, reference_id: ReferenceId) -> ReferenceRecord:
    return session.get_for_update(
        REFERENCE_BY_ID, ReferenceNotFound, etag=presenters.etag, id=reference_id
    )


def _referee(session: WriteSession, row: ReferenceRecord, body: ReferenceUpdate) -> PersonId:
    referee_id = get_or_create_person(session, body.referee, None)
    if referee_id != row.referee_id:
        REFERENCE.next_state(row.state, Move.REPLACE)
        _check_new(session, row.application_id, referee_id)
    return referee_id


def _check_new(session: WriteSession, application_id: ApplicationId, referee_id: PersonId) -> None:
    existing = session.one_or_none(
        REFERENCE_BY_REFEREE, application_id=application_id, referee_id=referee_id
    )
    if existing is not None:
        raise RefereeAlreadyNamed(reference=existing.id)


def _publish(session: WriteSession, kind: type[ReferenceEvent], row: ReferenceRecord) -> None:
    session.publish(kind(row.candidate_id, row.application_id, row.id, row.state))
