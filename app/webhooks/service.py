"""What members can do with their endpoints, and with what was or is to be sent to them."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from app.core.answers import Versioned, tag_of
from app.core.paging import page
from app.core.problems import Fault, InvalidInput
from app.core.schemas import Page
from app.core.tenancy import Role
from app.core.work import Reading, Writing
from app.kit.ids import DeliveryId, EndpointId, EventId, ReplayId
from app.webhooks import presenting
from app.webhooks.catalogue import EventType
from app.webhooks.events import EndpointTested
from app.webhooks.lifecycle import (
    ENDPOINT,
    Cause,
    DeliveryState,
    EndpointMove,
    EndpointState,
    ReplayState,
)
from app.webhooks.models import DeliveryRow, EndpointRow, ReplayRow
from app.webhooks.problems import (
    DeliveryNotFound,
    EndpointNotActive,
    EndpointNotFound,
    EndpointsTooMany,
    ReplayNotFound,
    SecretsTooMany,
    TargetUnsuitable,
)
from app.webhooks.repository import (
    ATTEMPTS_OF,
    DELIVERY_BY_ID,
    ENDPOINT_BY_ID,
    ENDPOINT_COUNT,
    ENDPOINTS,
    REPLAY_BY_ID,
    deliveries,
    events,
)
from app.webhooks.rotating import MOST_BEFORE, SecretBefore, still_signing
from app.webhooks.schemas import (
    Delivery,
    DeliveryWithAttempts,
    Endpoint,
    EndpointCreate,
    EndpointMade,
    EndpointUpdate,
    Event,
    Replay,
    ReplayCreate,
    SecretRotation,
)
from app.webhooks.sealing import Sealer
from app.webhooks.signing import SECRET_BYTES, secret_of
from app.webhooks.targets import Target, UnsuitableTarget

DELIVER = "deliver"
"""The kind of job that sends what is due to one endpoint."""
REPLAY = "replay"
"""The kind of job that has a range of events delivered once more."""

MOST_ENDPOINTS = 50  # of one member


@dataclass(frozen=True, slots=True)
class Registrar:
    """Takes endpoints in: judges where they are, and keeps their secrets sealed.

    In development an endpoint may be on this machine, and without TLS.
    """

    sealer: Sealer
    development: bool

    def register(self, work: Writing, wanted: EndpointCreate) -> Versioned[EndpointMade]:
        """Take an endpoint in; the secret is shown this once."""
        counted: Any = work.all(ENDPOINT_COUNT)[0]
        if counted.number >= MOST_ENDPOINTS:
            raise EndpointsTooMany(most=MOST_ENDPOINTS)
        endpoint_id = EndpointId(work.new_id(EndpointRow.id_prefix))
        secret, sealed = self._new_secret(work, endpoint_id)
        work.add(
            EndpointRow,
            id=endpoint_id,
            member_id=work.caller.member_id,
            url=self._target(wanted.url),
            description=wanted.description,
            types=wanted.types,
            payload=wanted.payload.value,
            state=EndpointState.ACTIVE.value,
            disabled_because=None,
            failing_since=None,
            waits_until=None,
            secret=sealed,
            secrets_before=None,
        )
        return _with_secret(work, endpoint_id, secret)

    def revise(
        self, work: Writing, endpoint_id: EndpointId, wanted: EndpointUpdate
    ) -> Versioned[Endpoint]:
        """Change what is given; what is still to be sent goes to where the endpoint is then."""
        row = _expected(work, endpoint_id)
        changes = wanted.columns(given=True)
        if "url" in changes:
            changes["url"] = self._target(changes["url"])
        work.update(EndpointRow, row, **changes)
        return show(work, endpoint_id)

    def rotate(
        self, work: Writing, endpoint_id: EndpointId, wanted: SecretRotation
    ) -> Versioned[EndpointMade]:
        """Make a new secret; the old one signs too until they have overlapped long enough.

        Those before it keep the time that they were promised, unless all are to end at once.
        """
        row = get(work, endpoint_id)
        before = still_signing(row.secrets_before, work.now)
        overlap = timedelta(minutes=wanted.overlap_minutes)
        if not overlap:
            before = []
        elif len(before) >= MOST_BEFORE:
            raise SecretsTooMany(ends_at=min(each.ends_at for each in before))
        else:
            before.insert(0, SecretBefore(row.secret, work.now + overlap))
        secret, sealed = self._new_secret(work, endpoint_id)
        work.update(
            EndpointRow, row, secret=sealed, secrets_before=[each.kept() for each in before]
        )
        return _with_secret(work, endpoint_id, secret)

    def secrets(self, work: Reading, row: EndpointRow) -> list[str]:
        """Return the secrets that sign what is sent now, the newest first."""
        sealed = [row.secret]
        sealed += [each.sealed for each in still_signing(row.secrets_before, work.now)]
        whose = (work.caller.workspace_id, row.id)
        return [self.sealer.open(*whose, each) for each in sealed]

    def _target(self, url: str) -> str:
        try:
            return Target.of(url, development=self.development).url
        except UnsuitableTarget as error:
            raise TargetUnsuitable(
                faults=[Fault("#/url", "target_unsuitable", error.reason)]
            ) from None

    def _new_secret(self, work: Writing, endpoint_id: EndpointId) -> tuple[str, bytes]:
        secret = secret_of(os.urandom(SECRET_BYTES))
        return secret, self.sealer.seal(work.caller.workspace_id, endpoint_id, secret)


# --- endpoints --------------------------------------------------------------


def get(work: Reading, endpoint_id: EndpointId) -> EndpointRow:
    """Return the endpoint; raise EndpointNotFound when the caller has none."""
    row = work.find(ENDPOINT_BY_ID, id=endpoint_id)
    if row is None:
        raise EndpointNotFound
    return row


def show(work: Reading, endpoint_id: EndpointId) -> Versioned[Endpoint]:
    """Show one endpoint."""
    row = get(work, endpoint_id)
    return Versioned(presenting.endpoint(row), tag_of(row.version))


def list_(work: Reading, limit: int, cursor: str | None) -> Page[Endpoint]:
    """Show the caller's endpoints."""
    return page(work, ENDPOINTS, presenting.endpoints, filters={}, limit=limit, cursor=cursor)


def pause(work: Writing, endpoint_id: EndpointId) -> Versioned[Endpoint]:
    """Send nothing until it is resumed; what happens meanwhile waits."""
    row = get(work, endpoint_id)
    state = ENDPOINT.after(EndpointState(row.state), EndpointMove.PAUSE)
    work.update(EndpointRow, row, state=state.value)
    return show(work, endpoint_id)


def resume(work: Writing, endpoint_id: EndpointId) -> Versioned[Endpoint]:
    """Send again: all that has waited, and what happens from now on."""
    row = get(work, endpoint_id)
    state = ENDPOINT.after(EndpointState(row.state), EndpointMove.RESUME)
    anew = {"disabled_because": None, "failing_since": None, "waits_until": None}
    work.update(EndpointRow, row, state=state.value, **anew)
    work.ask_for(DELIVER, key=endpoint_id)
    return show(work, endpoint_id)


def remove(work: Writing, endpoint_id: EndpointId) -> None:
    """Delete the endpoint with its deliveries; what is under way may still arrive."""
    work.delete(EndpointRow, _expected(work, endpoint_id))


# --- deliveries -------------------------------------------------------------


def test(work: Writing, endpoint_id: EndpointId) -> Versioned[Delivery]:
    """Send an event of no other meaning to this endpoint."""
    row = _active(work, endpoint_id)
    owner = work.caller.member_id
    recruiter = owner if work.caller.role is Role.RECRUITER else None
    (event_id,) = work.keep(EndpointTested(owner, endpoint_id, recruiter=recruiter))
    return _show_delivery(work, _deliver(work, row, event_id, Cause.TEST))


def list_deliveries(
    work: Reading,
    endpoint_id: EndpointId,
    state: DeliveryState | None,
    limit: int,
    cursor: str | None,
) -> Page[Delivery]:
    """Show what was or is to be sent to an endpoint, the newest first."""
    get(work, endpoint_id)
    filters = {"endpoint_id": str(endpoint_id)} | ({"state": state.value} if state else {})
    walk = deliveries(by_state=state is not None)
    return page(work, walk, presenting.deliveries, filters=filters, limit=limit, cursor=cursor)


def show_delivery(work: Reading, delivery_id: DeliveryId) -> Versioned[DeliveryWithAttempts]:
    """Show a delivery with every attempt at it."""
    shown = _show_delivery(work, delivery_id)
    attempts = [presenting.attempt(row) for row in work.all(ATTEMPTS_OF, delivery_id=delivery_id)]
    whole = DeliveryWithAttempts(**shown.value.model_dump(), attempts=attempts)
    return Versioned(whole, shown.tag)


def redeliver(work: Writing, delivery_id: DeliveryId) -> Versioned[Delivery]:
    """Send the event of a delivery once more, under the same id."""
    row = _delivery(work, delivery_id)
    endpoint = _active(work, row.endpoint_id)
    return _show_delivery(work, _deliver(work, endpoint, row.event_id, Cause.REPLAY))


def replay(work: Writing, endpoint_id: EndpointId, wanted: ReplayCreate) -> Versioned[Replay]:
    """Have a range of events delivered once more, in the background."""
    row = _active(work, endpoint_id)
    if wanted.until is not None and wanted.until < wanted.since:
        detail = "before `since`; swap the two, or leave it out for up to now"
        raise InvalidInput(faults=[Fault("#/until", "reversed", detail)])
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
    work.ask_for(REPLAY, key=replay_id)
    return show_replay(work, replay_id)


def show_replay(work: Reading, replay_id: ReplayId) -> Versioned[Replay]:
    """Show how far a replay is."""
    row = work.find(REPLAY_BY_ID, id=replay_id)
    if row is None:
        raise ReplayNotFound
    return Versioned(presenting.replay(row), tag_of(row.version))


def new_delivery(
    endpoint: EndpointRow,
    event_id: EventId,
    cause: Cause,
    now: datetime,
    replay_id: ReplayId | None = None,
) -> dict[str, object]:
    """Return the row of a delivery that is due now."""
    return {
        "member_id": endpoint.member_id,
        "endpoint_id": endpoint.id,
        "event_id": event_id,
        "replay_id": replay_id,
        "cause": cause.value,
        "state": DeliveryState.PENDING.value,
        "attempts_made": 0,
        "due_at": now,
        "delivered_at": None,
    }


# --- the feed ---------------------------------------------------------------


def feed(
    work: Reading, type_: EventType | None, subject: str | None, limit: int, cursor: str | None
) -> Page[Event]:
    """Show what happened, the oldest first; the cursor of the last page leads on to what is new."""
    filters = {"type": type_, "subject": subject}
    given = {name: str(value) for name, value in filters.items() if value is not None}
    return page(
        work,
        events(frozenset(given)),
        partial(presenting.events, work.caller.role),
        filters=given,
        limit=limit,
        cursor=cursor,
        leads_on=True,
    )


def _expected(work: Writing, endpoint_id: EndpointId) -> EndpointRow:
    row = get(work, endpoint_id)
    work.expect(tag_of(row.version))
    return row


def _active(work: Reading, endpoint_id: EndpointId) -> EndpointRow:
    row = get(work, endpoint_id)
    if row.state != EndpointState.ACTIVE:
        raise EndpointNotActive(state=row.state)
    return row


def _with_secret(work: Reading, endpoint_id: EndpointId, secret: str) -> Versioned[EndpointMade]:
    shown = show(work, endpoint_id)
    return Versioned(EndpointMade(**shown.value.model_dump(), secret=secret), shown.tag)


def _deliver(work: Writing, endpoint: EndpointRow, event_id: EventId, cause: Cause) -> DeliveryId:
    made = work.add(DeliveryRow, **new_delivery(endpoint, event_id, cause, work.now))
    work.ask_for(DELIVER, key=endpoint.id)
    return DeliveryId(made)


def _delivery(work: Reading, delivery_id: DeliveryId) -> DeliveryRow:
    row = work.find(DELIVERY_BY_ID, id=delivery_id)
    if row is None:
        raise DeliveryNotFound
    return row


def _show_delivery(work: Reading, delivery_id: DeliveryId) -> Versioned[Delivery]:
    row = _delivery(work, delivery_id)
    return Versioned(presenting.delivery(row), tag_of(row.version))
