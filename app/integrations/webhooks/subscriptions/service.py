"""Webhook endpoints: create, update, pause, resume, rotate the secret, delete."""

import os
from dataclasses import dataclass
from datetime import timedelta

from app.core.http.pagination import fetch_page
from app.core.http.representations import Resource, ResourcePage
from app.core.problems import FieldError
from app.core.security.encryption import SecretCipher
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.integrations.webhooks.job_kinds import DELIVER
from app.integrations.webhooks.problems import (
    EndpointNotActive,
    EndpointNotFound,
    InvalidTargetUrl,
    TooManyEndpoints,
    TooManySecrets,
)
from app.integrations.webhooks.security.signing import SECRET_BYTES, secret_of
from app.integrations.webhooks.security.target_url import Target, UnsuitableTarget
from app.integrations.webhooks.subscriptions import presenters
from app.integrations.webhooks.subscriptions.lifecycle import ENDPOINT, EndpointMove, EndpointState
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.integrations.webhooks.subscriptions.presenters import NewEndpoint
from app.integrations.webhooks.subscriptions.previous_secrets import (
    MAX_PREVIOUS_SECRETS,
    PreviousSecret,
    active_secrets,
)
from app.integrations.webhooks.subscriptions.repository import (
    ENDPOINT_BY_ID,
    ENDPOINT_COUNT,
    ENDPOINTS,
    EndpointRecord,
)
from app.integrations.webhooks.subscriptions.schemas import (
    EndpointCreate,
    EndpointUpdate,
    SecretRotationCreate,
)
from app.kit.ids import EndpointId, WorkspaceId

MAX_ENDPOINTS = 50  # of one member

ENCRYPTION_PURPOSE = b"debrief: secret of a webhook endpoint, form 1"


@dataclass(frozen=True, slots=True)
class EndpointService:
    """Checks target URLs, and encrypts and decrypts signing secrets.

    In development a target may be on this machine, and may use plain HTTP.
    """

    cipher: SecretCipher
    development: bool

    def create(self, session: WriteSession, body: EndpointCreate) -> Resource[NewEndpoint]:
        """Create an endpoint; its secret is returned once, here."""
        if session.all(ENDPOINT_COUNT)[0].number >= MAX_ENDPOINTS:
            raise TooManyEndpoints(most=MAX_ENDPOINTS)
        endpoint_id = EndpointId(session.new_id(EndpointRow.id_prefix))
        secret, ciphertext = self._new_secret(session.caller.workspace_id, endpoint_id)
        session.add(
            EndpointRow,
            id=endpoint_id,
            member_id=session.caller.member_id,
            url=self._target(body.url),
            description=body.description,
            event_types=body.event_types,
            payload_format=body.payload_format,
            state=EndpointState.ACTIVE,
            disabled_reason=None,
            failing_since=None,
            throttled_until=None,
            secret=ciphertext,
            previous_secrets=None,
        )
        return presenters.endpoint_with_secret(get(session, endpoint_id), secret)

    def update(
        self, session: WriteSession, endpoint_id: EndpointId, body: EndpointUpdate
    ) -> Resource[EndpointRecord]:
        """Change an endpoint; pending deliveries go to its new URL."""
        row = _get_for_update(session, endpoint_id)
        changes = body.columns(given=True)
        if "url" in changes:
            changes["url"] = self._target(changes["url"])
        session.update(EndpointRow, row, **changes)
        return show(session, endpoint_id)

    def rotate_secret(
        self, session: WriteSession, endpoint_id: EndpointId, body: SecretRotationCreate
    ) -> Resource[NewEndpoint]:
        """Create a new secret; the current one signs too until the overlap is over.

        Older secrets keep their expiry, unless the overlap is zero: then only the new one signs.
        """
        row = get(session, endpoint_id)
        previous = active_secrets(row.previous_secrets, session.now)
        overlap = timedelta(minutes=body.overlap_minutes)
        if not overlap:
            previous = []
        elif len(previous) >= MAX_PREVIOUS_SECRETS:
            raise TooManySecrets(ends_at=min(secret.expires_at for secret in previous))
        else:
            previous.insert(0, PreviousSecret(row.secret, session.now + overlap))
        secret, ciphertext = self._new_secret(session.caller.workspace_id, endpoint_id)
        stored = [secret.to_json() for secret in previous]
        session.update(EndpointRow, row, secret=ciphertext, previous_secrets=stored)
        return presenters.endpoint_with_secret(get(session, endpoint_id), secret)

    def secrets(self, session: ReadSession, row: EndpointRecord) -> list[str]:
        """Return the secrets that sign now, the newest first; may raise DecryptionError."""
        previous = active_secrets(row.previous_secrets, session.now)
        context = _encryption_context(session.caller.workspace_id, row.id)
        ciphertexts = [row.secret, *(secret.ciphertext for secret in previous)]
        return [self.cipher.decrypt(text, context).decode() for text in ciphertexts]

    def _target(self, url: str) -> str:
        try:
            return Target.parse(url, development=self.development).url
        except UnsuitableTarget as error:
            raise InvalidTargetUrl(
                faults=[FieldError("#/url", "invalid_target_url", error.reason)]
            ) from None

    def _new_secret(self, workspace_id: WorkspaceId, endpoint_id: EndpointId) -> tuple[str, bytes]:
        secret = secret_of(os.urandom(SECRET_BYTES))
        context = _encryption_context(workspace_id, endpoint_id)
        return secret, self.cipher.encrypt(secret.encode(), context)


def get(session: ReadSession, endpoint_id: EndpointId) -> EndpointRecord:
    """Return the endpoint; raise EndpointNotFound when the caller has none."""
    return session.get(ENDPOINT_BY_ID, EndpointNotFound, id=endpoint_id)


def get_active(session: ReadSession, endpoint_id: EndpointId) -> EndpointRecord:
    """Return the endpoint; raise EndpointNotActive unless it is active."""
    row = get(session, endpoint_id)
    if row.state is not EndpointState.ACTIVE:
        raise EndpointNotActive(state=row.state)
    return row


def show(session: ReadSession, endpoint_id: EndpointId) -> Resource[EndpointRecord]:
    """Show one endpoint."""
    return presenters.endpoint(get(session, endpoint_id))


def list_(session: ReadSession, limit: int, cursor: str | None) -> ResourcePage[EndpointRecord]:
    """Show the caller's endpoints."""
    return fetch_page(
        session, ENDPOINTS, presenters.ENDPOINT, filters={}, limit=limit, cursor=cursor
    )


def pause(session: WriteSession, endpoint_id: EndpointId) -> Resource[EndpointRecord]:
    """Pause deliveries; events that occur meanwhile are delivered when it is resumed."""
    row = get(session, endpoint_id)
    state = ENDPOINT.next_state(row.state, EndpointMove.PAUSE)
    session.update(EndpointRow, row, state=state)
    return show(session, endpoint_id)


def resume(session: WriteSession, endpoint_id: EndpointId) -> Resource[EndpointRecord]:
    """Resume deliveries, with those that are pending."""
    row = get(session, endpoint_id)
    session.update(
        EndpointRow,
        row,
        state=ENDPOINT.next_state(row.state, EndpointMove.RESUME),
        disabled_reason=None,
        failing_since=None,
        throttled_until=None,
    )
    session.enqueue(DELIVER, key=endpoint_id)
    return show(session, endpoint_id)


def delete(session: WriteSession, endpoint_id: EndpointId) -> None:
    """Delete the endpoint and its deliveries; a request that is in flight may still arrive."""
    session.delete(EndpointRow, _get_for_update(session, endpoint_id))


def _get_for_update(session: WriteSession, endpoint_id: EndpointId) -> EndpointRecord:
    return session.get_for_update(ENDPOINT_BY_ID, EndpointNotFound, id=endpoint_id)


def _encryption_context(workspace_id: WorkspaceId, endpoint_id: EndpointId) -> bytes:
    return f"{workspace_id}\0{endpoint_id}".encode()
