"""From deliveries that are due to what is sent: a message each, with the eyes of its reader."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_core import to_json

from app.core.persistence.tenancy import Caller, Role
from app.core.unit_of_work.session import ReadSession
from app.integrations.events import presenters
from app.integrations.events.catalogue import EVENT_CLASSES, EventType
from app.integrations.webhooks.delivery.snapshots import can_view_application, snapshot
from app.integrations.webhooks.subscriptions.schemas import PayloadKind
from app.kit.ids import DeliveryId

# A recruiter is told of these when there is nothing left that they may see.
_LAST_WORDS = frozenset({EventType.CONSENT_WITHDRAWN, EventType.APPLICATION_DELETED})


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A delivery that is due, ready to be sent; its body is None when it is withheld."""

    id: DeliveryId
    event_id: str
    subject: str
    attempts_made: int
    body: bytes | None


@dataclass(slots=True)
class PayloadBuilder:
    """Makes the bodies of one endpoint's deliveries, with the eyes of its owner."""

    work: ReadSession
    endpoint: Any
    seen: dict[str, bool] = field(default_factory=dict)

    def parcels(self, rows: Iterable[Any]) -> list[OutgoingMessage]:
        """Pack each of these deliveries, or withhold it."""
        role = Role(self.endpoint.owner_role)
        owner = Caller(self.work.caller.workspace_id, self.endpoint.member_id, role, frozenset())
        as_owner = replace(self.work, caller=owner)
        return [
            OutgoingMessage(
                row.id,
                row.event_id,
                row.subject,
                row.attempts_made,
                self._body(as_owner, row) if self._may_be_told(as_owner, row) else None,
            )
            for row in rows
        ]

    def _may_be_told(self, as_owner: ReadSession, row: Any) -> bool:  # noqa: ANN401 - a joined row
        """Tell whether a recruiter still sees what it is about; a candidate does always."""
        application = row.payload.get("application")
        if as_owner.caller.role is not Role.RECRUITER or application is None:
            return True
        if row.name in _LAST_WORDS:
            return True
        if application not in self.seen:
            self.seen[application] = can_view_application(as_owner, application)
        return self.seen[application]

    def _body(self, as_owner: ReadSession, row: Any) -> bytes:  # noqa: ANN401 - a joined row
        message = {
            "type": row.name,
            "timestamp": row.occurred_at,
            "data": {
                "event": row.event_id,
                "subject": row.subject,
                "sequence": presenters.sequence_for(as_owner.caller.role, row),
                "schema_version": row.schema_version,
                **row.payload,
            },
        }
        if self.endpoint.payload == PayloadKind.FULL:
            is_of_rooms = not EVENT_CLASSES[EventType(row.name)].is_unicast
            message["object"] = snapshot(as_owner, row.subject) if is_of_rooms else None
        return to_json(message)
