"""Builds the request body of each due delivery, with the permissions of the endpoint's owner."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic_core import to_json

from app.core.persistence.tenancy import Role
from app.core.unit_of_work.session import ReadSession
from app.integrations.events import presenters
from app.integrations.events.catalogue import EVENT_CLASSES, EventType
from app.integrations.webhooks.delivery.repository import DueDelivery
from app.integrations.webhooks.delivery.snapshots import can_view_application, snapshot
from app.integrations.webhooks.subscriptions.schemas import PayloadFormat
from app.kit.ids import DeliveryId

# Sent to a recruiter although they may no longer see the application.
_LAST_NOTICES = frozenset({EventType.CONSENT_WITHDRAWN, EventType.APPLICATION_DELETED})


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A due delivery, ready to be sent; the body is None when it is withheld."""

    id: DeliveryId
    event_id: str
    subject: str
    attempt_count: int
    body: bytes | None


@dataclass(slots=True)
class PayloadBuilder:
    """Builds the messages to one endpoint; the caller of the session is the endpoint's owner."""

    session: ReadSession
    payload_format: PayloadFormat
    visible_applications: dict[str, bool] = field(default_factory=dict)

    def messages(self, rows: Iterable[DueDelivery]) -> list[OutgoingMessage]:
        """Build the message of each delivery, or withhold it."""
        return [
            OutgoingMessage(
                row.id,
                row.event_id,
                row.subject,
                row.attempt_count,
                self._body(row) if self._is_visible(row) else None,
            )
            for row in rows
        ]

    def _is_visible(self, row: DueDelivery) -> bool:
        """Whether the owner still sees the subject; only a recruiter can lose sight of it."""
        application: str | None = row.payload.get("application")
        if self.session.caller.role is not Role.RECRUITER or application is None:
            return True
        if row.name in _LAST_NOTICES:
            return True
        if application not in self.visible_applications:
            is_visible = can_view_application(self.session, application)
            self.visible_applications[application] = is_visible
        return self.visible_applications[application]

    def _body(self, row: DueDelivery) -> bytes:
        message = {
            "type": row.name,
            "timestamp": row.occurred_at,
            "data": {
                "event": row.event_id,
                "subject": row.subject,
                "sequence": presenters.sequence_for(self.session.caller.role, row),
                "schema_version": row.schema_version,
                **row.payload,
            },
        }
        if self.payload_format is PayloadFormat.FULL:
            is_unicast = EVENT_CLASSES[EventType(row.name)].is_unicast
            message["object"] = None if is_unicast else snapshot(self.session, row.subject)
        return to_json(message)
