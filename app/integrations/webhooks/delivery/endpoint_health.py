"""Endpoint health: `failing_since`, the wait that a receiver asks for, disabling."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from app.core.unit_of_work.session import WriteSession
from app.integrations.events.endpoint_events import EndpointDisabled
from app.integrations.webhooks.delivery.results import WebhookFailure, WebhookResponse
from app.integrations.webhooks.subscriptions.lifecycle import (
    ENDPOINT,
    DisabledReason,
    EndpointMove,
    EndpointState,
)
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.integrations.webhooks.subscriptions.repository import EndpointRecord

FAILS_FOR = timedelta(days=5)
"""How long every attempt may fail before the endpoint is disabled."""

_MAX_RETRY_AFTER = timedelta(days=1)


@dataclass(slots=True)
class EndpointHealth:
    """Updates an endpoint after some attempts."""

    session: WriteSession
    endpoint: EndpointRecord
    results: Sequence[WebhookResponse | WebhookFailure]
    throttled_until: datetime | None = None

    def record(self, *, has_arrived: bool, is_failing: bool) -> bool:
        """Store what changed; return whether the endpoint is disabled now."""
        now = self.session.now
        changes: dict[str, object] = {}
        if has_arrived and self.endpoint.failing_since:
            changes["failing_since"] = None
        if has_arrived and self.endpoint.throttled_until:
            changes["throttled_until"] = None
        if is_failing and self.endpoint.failing_since is None:
            changes["failing_since"] = now
        delays = [delay for result in self.results if (delay := retry_after(result, now))]
        if delays:
            self.throttled_until = now + max(delays)
            changes["throttled_until"] = self.throttled_until
        reason = self._disable_reason(is_failing=is_failing)
        if reason:
            changes |= self._disable(reason)
        if changes:
            self.session.update(EndpointRow, self.endpoint, **changes)
        return reason is not None

    def disable(self, reason: DisabledReason) -> None:
        """Disable the endpoint if it is active, and notify its owner."""
        if self.endpoint.state is EndpointState.ACTIVE:
            self.session.update(EndpointRow, self.endpoint, **self._disable(reason))

    def _disable_reason(self, *, is_failing: bool) -> DisabledReason | None:
        if self.endpoint.state is not EndpointState.ACTIVE:
            return None
        if any(
            isinstance(result, WebhookResponse) and result.status == HTTPStatus.GONE
            for result in self.results
        ):
            return DisabledReason.GONE
        since = self.endpoint.failing_since
        has_failed_long = since is not None and self.session.now - since >= FAILS_FOR
        return DisabledReason.FAILING if is_failing and has_failed_long else None

    def _disable(self, reason: DisabledReason) -> dict[str, object]:
        owner = self.endpoint.member_id
        self.session.publish(
            EndpointDisabled(owner, self.endpoint.id, reason.value, recruiter=owner)
        )
        state = ENDPOINT.next_state(self.endpoint.state, EndpointMove.DISABLE)
        return {"state": state, "disabled_reason": reason}


def retry_after(result: WebhookResponse | WebhookFailure, now: datetime) -> timedelta | None:
    """Return how long a receiver that failed asks to wait, at most a day; None if it does not."""
    if isinstance(result, WebhookFailure) or is_success(result):
        return None
    delay = result.retry_after_delay(now)
    return None if delay is None else min(delay, _MAX_RETRY_AFTER)


def is_success(response: WebhookResponse) -> bool:
    """Whether the status is 2xx."""
    return HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES
