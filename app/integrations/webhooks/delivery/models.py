"""Tables of deliveries, attempts and replays; rows belong to the endpoint's member."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import MemberModel, id_column, tenant_foreign_key
from app.core.persistence.types import Json, TypeIdType
from app.integrations.webhooks.delivery.lifecycle import DeliveryState, DeliveryTrigger, ReplayState
from app.integrations.webhooks.delivery.results import FailureKind
from app.kit.ids import DeliveryId, EndpointId, EventId, ReplayId


class DeliveryRow(MemberModel):
    """The delivery of one event to one endpoint; `due_at` is null once it has ended."""

    __tablename__ = "deliveries"
    __table_args__ = (
        tenant_foreign_key("members", "member_id"),
        tenant_foreign_key("webhook_endpoints", "endpoint_id"),
        tenant_foreign_key("events", "event_id"),
        Index("ix_deliveries_endpoint", "workspace_id", "endpoint_id", "id"),
        Index("ix_deliveries_state", "workspace_id", "endpoint_id", "state", "id"),
        Index("ix_deliveries_due", "workspace_id", "endpoint_id", "due_at", "id"),
        Index("ix_deliveries_event", "workspace_id", "event_id"),
        Index("ix_deliveries_replay", "workspace_id", "replay_id"),
    )
    id_prefix = "dvy"

    id: Mapped[DeliveryId] = id_column("dvy")
    endpoint_id: Mapped[EndpointId] = mapped_column(TypeIdType("whe"))
    event_id: Mapped[EventId] = mapped_column(TypeIdType("evt"))
    replay_id: Mapped[ReplayId | None] = mapped_column(TypeIdType("rpy"))
    trigger: Mapped[DeliveryTrigger]
    state: Mapped[DeliveryState]
    attempt_count: Mapped[int]
    due_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]


class AttemptRow(MemberModel):
    """One attempt at a delivery: the response, or why there was none."""

    __tablename__ = "attempts"
    __table_args__ = (
        tenant_foreign_key("members", "member_id"),
        tenant_foreign_key("deliveries", "delivery_id"),
        Index("ix_attempts_delivery", "workspace_id", "delivery_id", "id"),
    )
    id_prefix = "att"

    id: Mapped[str] = id_column("att")
    delivery_id: Mapped[DeliveryId] = mapped_column(TypeIdType("dvy"))
    status: Mapped[int | None]
    failure: Mapped[FailureKind | None]
    duration_ms: Mapped[int]
    response_excerpt: Mapped[str]


class ReplayRow(MemberModel):
    """A range of events to deliver again, and how much of it is done."""

    __tablename__ = "replays"
    __table_args__ = (
        tenant_foreign_key("members", "member_id"),
        tenant_foreign_key("webhook_endpoints", "endpoint_id"),
        Index("ix_replays_endpoint", "workspace_id", "endpoint_id", "id"),
    )
    id_prefix = "rpy"

    id: Mapped[ReplayId] = id_column("rpy")
    endpoint_id: Mapped[EndpointId] = mapped_column(TypeIdType("whe"))
    since: Mapped[datetime]
    until: Mapped[datetime]
    event_types: Mapped[list[str] | None] = mapped_column(Json)
    only_undelivered: Mapped[bool]
    state: Mapped[ReplayState]
    event_position: Mapped[int] = mapped_column(BigInteger)
    scanned_count: Mapped[int]
    replayed_count: Mapped[int]
