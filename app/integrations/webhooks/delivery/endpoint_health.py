"""How an endpoint stands after some attempts: well, failing, asked to wait, or disabled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from app.core.unit_of_work.session import WriteSession
from app.integrations.events.endpoint_events import EndpointDisabled
from app.integrations.webhooks.delivery.results import WebhookFailure, WebhookResponse
from app.integrations.webhooks.subscriptions.lifecycle import (
    ENDPOINT,
    DisabledBecause,
    EndpointMove,
    EndpointState,
)
from app.integrations.webhooks.subscriptions.models import EndpointRow

FAILS_FOR = timedelta(days=5)
"""For how long an endpoint may fail before it is disabled."""

_LONGEST_WAIT = timedelta(days=1)  # that a receiver can ask for


@dataclass(slots=True)
class EndpointHealth:
    """How an endpoint stands after some attempts: well, failing, asked to wait, or disabled."""

    work: WriteSession
    endpoint: EndpointRow
    came: Sequence[WebhookResponse | WebhookFailure]
    waits_until: datetime | None = None

    def record(self, *, has_arrived: bool, is_failing: bool) -> bool:
        """Write down what has changed; return whether the endpoint is disabled now."""
        changes: dict[str, object] = {}
        if has_arrived and self.endpoint.failing_since:
            changes["failing_since"] = None
        if has_arrived and self.endpoint.waits_until:
            changes["waits_until"] = None
        if is_failing and self.endpoint.failing_since is None:
            changes["failing_since"] = self.work.now
        waits = [wait for each in self.came if (wait := retry_after(each, self.work.now))]
        if waits:
            self.waits_until = self.work.now + max(waits)
            changes["waits_until"] = self.waits_until
        because = self._why_disabled(is_failing=is_failing)
        if because:
            changes |= self.disable(because)
        if changes:
            self.work.update(EndpointRow, self.endpoint, **changes)
        return because is not None

    def _why_disabled(self, *, is_failing: bool) -> DisabledBecause | None:
        if self.endpoint.state != EndpointState.ACTIVE:
            return None
        if any(
            isinstance(each, WebhookResponse) and each.status == HTTPStatus.GONE
            for each in self.came
        ):
            return DisabledBecause.GONE
        since = self.endpoint.failing_since
        has_failed_long = since is not None and self.work.now - since >= FAILS_FOR
        return DisabledBecause.FAILING if is_failing and has_failed_long else None

    def disable(self, because: DisabledBecause) -> dict[str, object]:
        """Tell the owner, and return what changes in the endpoint."""
        owner = self.endpoint.member_id
        told = EndpointDisabled(owner, self.endpoint.id, because.value, recruiter=owner)
        self.work.publish(told)
        state = ENDPOINT.next_state(EndpointState(self.endpoint.state), EndpointMove.DISABLE)
        return {"state": state.value, "disabled_because": because.value}


def retry_after(came: WebhookResponse | WebhookFailure, now: datetime) -> timedelta | None:
    """Return for how long a receiver that is too busy asks to be left alone."""
    if isinstance(came, WebhookFailure) or is_success(came):
        return None
    wait = came.retry_after_delay(now)
    return None if wait is None else min(wait, _LONGEST_WAIT)


def is_success(answer: WebhookResponse) -> bool:
    """Tell whether the receiver took what it was sent."""
    return HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
