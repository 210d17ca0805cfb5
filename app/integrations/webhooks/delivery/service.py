"""Deliveries and replays: list, test, redeliver, replay a range."""

from app.core.http.pagination import fetch_page
from app.core.http.representations import Resource, ResourcePage
from app.core.persistence.tenancy import Role
from app.core.problems import FieldError, InvalidInput
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.integrations.events.endpoint_events import EndpointTested
from app.integrations.webhooks.delivery import presenters
from app.integrations.webhooks.delivery.lifecycle import DeliveryState, DeliveryTrigger, ReplayState
from app.integrations.webhooks.delivery.models import DeliveryRow, ReplayRow
from app.integrations.webhooks.delivery.presenters import DeliveryHistory
from app.integrations.webhooks.delivery.repository import (
    ATTEMPTS_OF,
    DELIVERY_BY_ID,
    REPLAY_BY_ID,
    DeliveryRecord,
    ReplayRecord,
    deliveries,
)
from app.integrations.webhooks.delivery.rows import new_delivery
from app.integrations.webhooks.delivery.schemas import ReplayCreate
from app.integrations.webhooks.job_kinds import DELIVER, REPLAY
from app.integrations.webhooks.problems import DeliveryNotFound, ReplayNotFound
from app.integrations.webhooks.subscriptions import service as endpoints
from app.integrations.webhooks.subscriptions.repository import EndpointRecord
from app.kit.ids import DeliveryId, EndpointId, EventId, ReplayId


def test(session: WriteSession, endpoint_id: EndpointId) -> Resource[DeliveryRecord]:
    """Send a test event to this endpoint only."""
    row = endpoints.get_active(session, endpoint_id)
    owner = session.caller.member_id
    recruiter = owner if session.caller.role is Role.RECRUITER else None
    (event_id,) = session.append_events(EndpointTested(owner, endpoint_id, recruiter=recruiter))
    return _deliver(session, row, event_id, DeliveryTrigger.TEST)


def list_deliveries(
    session: ReadSession,
    endpoint_id: EndpointId,
    state: DeliveryState | None,
    limit: int,
    cursor: str | None,
) -> ResourcePage[DeliveryRecord]:
    """Show the deliveries to an endpoint, the newest first."""
    endpoints.get(session, endpoint_id)
    filters = {"endpoint_id": endpoint_id} | ({"state": state} if state else {})
    query = deliveries(by_state=state is not None)
    return fetch_page(
        session, query, presenters.DELIVERY, filters=filters, limit=limit, cursor=cursor
    )


def show_delivery(session: ReadSession, delivery_id: DeliveryId) -> Resource[DeliveryHistory]:
    """Show a delivery with its attempts."""
    row = _get_delivery(session, delivery_id)
    attempts = session.all(ATTEMPTS_OF, delivery_id=delivery_id)
    return presenters.delivery_with_attempts(row, attempts)


def redeliver(session: WriteSession, delivery_id: DeliveryId) -> Resource[DeliveryRecord]:
    """Send the event of a delivery again, under the same event id."""
    row = _get_delivery(session, delivery_id)
    endpoint = endpoints.get_active(session, row.endpoint_id)
    return _deliver(session, endpoint, row.event_id, DeliveryTrigger.REPLAY)


def replay(
    session: WriteSession, endpoint_id: EndpointId, body: ReplayCreate
) -> Resource[ReplayRecord]:
    """Deliver a range of events again, in the background."""
    row = endpoints.get_active(session, endpoint_id)
    if body.until is not None and body.until < body.since:
        detail = "before `since`; swap the two, or leave it out for up to now"
        raise InvalidInput(faults=[FieldError("#/until", "reversed", detail)])
    replay_id = ReplayId(
        session.add(
            ReplayRow,
            member_id=row.member_id,
            endpoint_id=endpoint_id,
            since=body.since,
            until=min(body.until or session.now, session.now),
            event_types=body.event_types,
            only_undelivered=body.only_undelivered,
            state=ReplayState.RUNNING,
            event_position=0,
            scanned_count=0,
            replayed_count=0,
        )
    )
    session.enqueue(REPLAY, key=replay_id)
    return show_replay(session, replay_id)


def show_replay(session: ReadSession, replay_id: ReplayId) -> Resource[ReplayRecord]:
    """Show a replay and its progress."""
    return presenters.replay(session.get(REPLAY_BY_ID, ReplayNotFound, id=replay_id))


def _deliver(
    session: WriteSession, endpoint: EndpointRecord, event_id: EventId, trigger: DeliveryTrigger
) -> Resource[DeliveryRecord]:
    delivery = new_delivery(endpoint, event_id, trigger, session.now)
    delivery_id = DeliveryId(session.add(DeliveryRow, **delivery))
    session.enqueue(DELIVER, key=endpoint.id)
    return presenters.delivery(_get_delivery(session, delivery_id))


def _get_delivery(session: ReadSession, delivery_id: DeliveryId) -> DeliveryRecord:
    return session.get(DELIVERY_BY_ID, DeliveryNotFound, id=delivery_id)
