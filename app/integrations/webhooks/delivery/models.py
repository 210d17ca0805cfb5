"""Tables of deliveries, attempts and replays; rows belong to the endpoint's member."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import MemberOwned, primary_id, references
from app.core.persistence.types import Id, Json
from app.kit.ids import DeliveryId, EndpointId, EventId, ReplayId


class DeliveryRow(MemberOwned):
    """One event on its way to one endpoint; `due_at` is null once that has ended."""

    __tablename__ = "deliveries"
    __table_args__ = (
        references("members", "member_id"),
        references("webhook_endpoints", "endpoint_id"),
        references("events", "event_id"),
        Index("ix_deliveries_endpoint", "workspace_id", "endpoint_id", "id"),
        Index("ix_deliveries_state", "workspace_id", "endpoint_id", "state", "id"),
        Index("ix_deliveries_due", "workspace_id", "endpoint_id", "due_at", "id"),
        Index("ix_deliveries_event", "workspace_id", "event_id"),
        Index("ix_deliveries_replay", "workspace_id", "replay_id"),
    )
    id_prefix = "dvy"

    id: Mapped[DeliveryId] = primary_id("dvy")
    endpoint_id: Mapped[EndpointId] = mapped_column(Id("whe"))
    event_id: Mapped[EventId] = mapped_column(Id("evt"))
    replay_id: Mapped[ReplayId | None] = mapped_column(Id("rpy"))
    cause: Mapped[str]
    state: Mapped[str]
    attempts_made: Mapped[int]
    due_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]


class AttemptRow(MemberOwned):
    """One attempt at a delivery: what was answered, or why nothing was."""

    __tablename__ = "attempts"
    __table_args__ = (
        references("members", "member_id"),
        references("deliveries", "delivery_id"),
        Index("ix_attempts_delivery", "workspace_id", "delivery_id", "id"),
    )
    id_prefix = "att"

    id: Mapped[str] = primary_id("att")
    delivery_id: Mapped[DeliveryId] = mapped_column(Id("dvy"))
    status: Mapped[int | None]
    failure: Mapped[str | None]
    milliseconds: Mapped[int]
    first_bytes: Mapped[str]


class ReplayRow(MemberOwned):
    """A range of events to be delivered once more, and how far that is."""

    __tablename__ = "replays"
    __table_args__ = (
        references("members", "member_id"),
        references("webhook_endpoints", "endpoint_id"),
        Index("ix_replays_endpoint", "workspace_id", "endpoint_id", "id"),
    )
    id_prefix = "rpy"

    id: Mapped[ReplayId] = primary_id("rpy")
    endpoint_id: Mapped[EndpointId] = mapped_column(Id("whe"))
    since: Mapped[datetime]
    until: Mapped[datetime]
    types: Mapped[list[Any] | None] = mapped_column(Json)
    only_undelivered: Mapped[bool]
    state: Mapped[str]
    place: Mapped[int] = mapped_column(BigInteger)
    looked_at: Mapped[int]
    replayed: Mapped[int]
