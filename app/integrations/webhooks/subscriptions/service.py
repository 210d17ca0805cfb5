"""What members can do with their endpoints, and with what was or is to be sent to them."""

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.core.http.pagination import fetch_page
from app.core.http.representations import Versioned, etag_of
from app.core.http.schemas import Page
from app.core.problems import FieldError
from app.core.security.encryption import SecretCipher
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.integrations.webhooks.job_kinds import DELIVER
from app.integrations.webhooks.problems import (
    EndpointNotActive,
    EndpointNotFound,
    EndpointsTooMany,
    SecretsTooMany,
    TargetUnsuitable,
)
from app.integrations.webhooks.security.signing import SECRET_BYTES, secret_of
from app.integrations.webhooks.security.target_url import Target, UnsuitableTarget
from app.integrations.webhooks.subscriptions import presenters
from app.integrations.webhooks.subscriptions.lifecycle import ENDPOINT, EndpointMove, EndpointState
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.integrations.webhooks.subscriptions.previous_secrets import (
    MOST_BEFORE,
    PreviousSecret,
    active_secrets,
)
from app.integrations.webhooks.subscriptions.repository import (
    ENDPOINT_BY_ID,
    ENDPOINT_COUNT,
    ENDPOINTS,
)
from app.integrations.webhooks.subscriptions.schemas import (
    Endpoint,
    EndpointCreate,
    EndpointMade,
    EndpointUpdate,
    SecretRotation,
)
from app.kit.ids import EndpointId

MOST_ENDPOINTS = 50  # of one member


@dataclass(frozen=True, slots=True)
class EndpointService:
    """Takes endpoints in: judges where they are, and keeps their secrets sealed.

    In development an endpoint may be on this machine, and without TLS.
    """

    sealer: SecretCipher
    development: bool

    def create(self, work: WriteSession, wanted: EndpointCreate) -> Versioned[EndpointMade]:
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

    def update(
        self, work: WriteSession, endpoint_id: EndpointId, wanted: EndpointUpdate
    ) -> Versioned[Endpoint]:
        """Change what is given; what is still to be sent goes to where the endpoint is then."""
        row = _expected(work, endpoint_id)
        changes = wanted.columns(given=True)
        if "url" in changes:
            changes["url"] = self._target(changes["url"])
        work.update(EndpointRow, row, **changes)
        return show(work, endpoint_id)

    def rotate_secret(
        self, work: WriteSession, endpoint_id: EndpointId, wanted: SecretRotation
    ) -> Versioned[EndpointMade]:
        """Make a new secret; the old one signs too until they have overlapped long enough.

        Those before it keep the time that they were promised, unless all are to end at once.
        """
        row = get(work, endpoint_id)
        before = active_secrets(row.secrets_before, work.now)
        overlap = timedelta(minutes=wanted.overlap_minutes)
        if not overlap:
            before = []
        elif len(before) >= MOST_BEFORE:
            raise SecretsTooMany(ends_at=min(each.ends_at for each in before))
        else:
            before.insert(0, PreviousSecret(row.secret, work.now + overlap))
        secret, sealed = self._new_secret(work, endpoint_id)
        work.update(
            EndpointRow, row, secret=sealed, secrets_before=[each.kept() for each in before]
        )
        return _with_secret(work, endpoint_id, secret)

    def secrets(self, work: ReadSession, row: EndpointRow) -> list[str]:
        """Return the secrets that sign what is sent now, the newest first."""
        sealed = [row.secret]
        sealed += [each.sealed for each in active_secrets(row.secrets_before, work.now)]
        whose = (work.caller.workspace_id, row.id)
        return [self.sealer.decrypt(*whose, each) for each in sealed]

    def _target(self, url: str) -> str:
        try:
            return Target.parse(url, development=self.development).url
        except UnsuitableTarget as error:
            raise TargetUnsuitable(
                faults=[FieldError("#/url", "target_unsuitable", error.reason)]
            ) from None

    def _new_secret(self, work: WriteSession, endpoint_id: EndpointId) -> tuple[str, bytes]:
        secret = secret_of(os.urandom(SECRET_BYTES))
        return secret, self.sealer.encrypt(work.caller.workspace_id, endpoint_id, secret)


# --- endpoints --------------------------------------------------------------


def get(work: ReadSession, endpoint_id: EndpointId) -> EndpointRow:
    """Return the endpoint; raise EndpointNotFound when the caller has none."""
    row = work.one_or_none(ENDPOINT_BY_ID, id=endpoint_id)
    if row is None:
        raise EndpointNotFound
    return row


def show(work: ReadSession, endpoint_id: EndpointId) -> Versioned[Endpoint]:
    """Show one endpoint."""
    row = get(work, endpoint_id)
    return Versioned(presenters.endpoint(row), etag_of(row.version))


def list_(work: ReadSession, limit: int, cursor: str | None) -> Page[Endpoint]:
    """Show the caller's endpoints."""
    return fetch_page(work, ENDPOINTS, presenters.endpoints, filters={}, limit=limit, cursor=cursor)


def pause(work: WriteSession, endpoint_id: EndpointId) -> Versioned[Endpoint]:
    """Send nothing until it is resumed; what happens meanwhile waits."""
    row = get(work, endpoint_id)
    state = ENDPOINT.next_state(EndpointState(row.state), EndpointMove.PAUSE)
    work.update(EndpointRow, row, state=state.value)
    return show(work, endpoint_id)


def resume(work: WriteSession, endpoint_id: EndpointId) -> Versioned[Endpoint]:
    """Send again: all that has waited, and what happens from now on."""
    row = get(work, endpoint_id)
    state = ENDPOINT.next_state(EndpointState(row.state), EndpointMove.RESUME)
    anew = {"disabled_because": None, "failing_since": None, "waits_until": None}
    work.update(EndpointRow, row, state=state.value, **anew)
    work.enqueue(DELIVER, key=endpoint_id)
    return show(work, endpoint_id)


def delete(work: WriteSession, endpoint_id: EndpointId) -> None:
    """Delete the endpoint with its deliveries; what is under way may still arrive."""
    work.delete(EndpointRow, _expected(work, endpoint_id))


def _expected(work: WriteSession, endpoint_id: EndpointId) -> EndpointRow:
    row = get(work, endpoint_id)
    work.check_precondition(etag_of(row.version))
    return row


def get_active(work: ReadSession, endpoint_id: EndpointId) -> EndpointRow:
    """Return the endpoint; raise EndpointNotActive unless it is active."""
    row = get(work, endpoint_id)
    if row.state != EndpointState.ACTIVE:
        raise EndpointNotActive(state=row.state)
    return row


def _with_secret(
    work: ReadSession, endpoint_id: EndpointId, secret: str
) -> Versioned[EndpointMade]:
    shown = show(work, endpoint_id)
    return Versioned(EndpointMade(**shown.value.model_dump(), secret=secret), shown.tag)
