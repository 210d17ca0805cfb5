"""Deliveries and replays: list, test, redeliver, replay a range."""

from app.core.http.pagination import fetch_page
from app.core.http.representations import Versioned, etag_of
from app.core.http.schemas import Page
from app.core.persistence.tenancy import Role
from app.core.problems import FieldError, InvalidInput
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.integrations.events.endpoint_events import EndpointTested
from app.integrations.webhooks.delivery import presenters
from app.integrations.webhooks.delivery.lifecycle import DeliveryState, DeliveryTrigger, ReplayState
from app.integrations.webhooks.delivery.models import DeliveryRow, ReplayRow
from app.integrations.webhooks.delivery.repository import (
    ATTEMPTS_OF,
    DELIVERY_BY_ID,
    REPLAY_BY_ID,
    deliveries,
)
from app.integrations.webhooks.delivery.rows import new_delivery
from app.integrations.webhooks.delivery.schemas import (
    Delivery,
    DeliveryWithAttempts,
    Replay,
    ReplayCreate,
)
from app.integrations.webhooks.job_kinds import (
    DELIVER,
    REPLAY,
)
from app.integrations.webhooks.problems import (
    DeliveryNotFound,
    ReplayNotFound,
)
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.integrations.webhooks.subscriptions.service import (
    get,
    get_active,
)
from app.kit.ids import DeliveryId, EndpointId, EventId, ReplayId

# --- deliveries -------------------------------------------------------------


def test(work: WriteSession, endpoint_id: EndpointId) -> Versioned[Delivery]:
    """Send an event of no other meaning to this endpoint."""
    row = get_active(work, endpoint_id)
    owner = work.caller.member_id
    recruiter = owner if work.caller.role is Role.RECRUITER else None
    (event_id,) = work.append_events(EndpointTested(owner, endpoint_id, recruiter=recruiter))
    return _show_delivery(work, _deliver(work, row, event_id, DeliveryTrigger.TEST))


def list_deliveries(
    work: ReadSession,
    endpoint_id: EndpointId,
    state: DeliveryState | None,
    limit: int,
    cursor: str | None,
) -> Page[Delivery]:
    """Show what was or is to be sent to an endpoint, the newest first."""
    get(work, endpoint_id)
    filters = {"endpoint_id": str(endpoint_id)} | ({"state": state.value} if state else {})
    walk = deliveries(by_state=state is not None)
    return fetch_page(
        work, walk, presenters.deliveries, filters=filters, limit=limit, cursor=cursor
    )


def show_delivery(work: ReadSession, delivery_id: DeliveryId) -> Versioned[DeliveryWithAttempts]:
    """Show a delivery with every attempt at it."""
    shown = _show_delivery(work, delivery_id)
    attempts = [presenters.attempt(row) for row in work.all(ATTEMPTS_OF, delivery_id=delivery_id)]
    whole = DeliveryWithAttempts(**shown.value.model_dump(), attempts=attempts)
    return Versioned(whole, shown.tag)


def redeliver(work: WriteSession, delivery_id: DeliveryId) -> Versioned[Delivery]:
    """Send the event of a delivery once more, under the same id."""
    row = _delivery(work, delivery_id)
    endpoint = get_active(work, row.endpoint_id)
    return _show_delivery(work, _deliver(work, endpoint, row.event_id, DeliveryTrigger.REPLAY))


def replay(work: WriteSession, endpoint_id: EndpointId, wanted: ReplayCreate) -> Versioned[Replay]:
    """Have a range of events delivered once more, in the background."""
    row = get_active(work, endpoint_id)
    if wanted.until is not None and wanted.until < wanted.since:
        detail = "before `since`; swap the two, or leave it out for up to now"
        raise InvalidInput(faults=[FieldError("#/until", "reversed", detail)])
    replay_id = ReplayId(
        work.add(
            ReplayRow,
            member_id=row.member_id,
            endpoint_id=endpoint_id,
            since=wanted.since,
            until=min(wanted.until or work.now, work.now),
            types=wanted.types,
            only_undelivered=wanted.only_undelivered,
            state=ReplayState.RUNNING.value,
            place=0,
            looked_at=0,
            replayed=0,
        )
    )
    work.enqueue(REPLAY, key=replay_id)
    return show_replay(work, replay_id)


def show_replay(work: ReadSession, replay_id: ReplayId) -> Versioned[Replay]:
    """Show how far a replay is."""
    row = work.one_or_none(REPLAY_BY_ID, id=replay_id)
    if row is None:
        raise ReplayNotFound
    return Versioned(presenters.replay(row), etag_of(row.version))


def _deliver(
    work: WriteSession, endpoint: EndpointRow, event_id: EventId, cause: DeliveryTrigger
) -> DeliveryId:
    made = work.add(DeliveryRow, **new_delivery(endpoint, event_id, cause, work.now))
    work.enqueue(DELIVER, key=endpoint.id)
    return DeliveryId(made)


def _delivery(work: ReadSession, delivery_id: DeliveryId) -> DeliveryRow:
    row = work.one_or_none(DELIVERY_BY_ID, id=delivery_id)
    if row is None:
        raise DeliveryNotFound
    return row


def _show_delivery(work: ReadSession, delivery_id: DeliveryId) -> Versioned[Delivery]:
    row = _delivery(work, delivery_id)
    return Versioned(presenters.delivery(row), etag_of(row.version))
