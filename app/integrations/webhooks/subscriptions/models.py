"""Table of webhook endpoints."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import MemberModel, id_column, tenant_foreign_key
from app.core.persistence.types import Json
from app.integrations.webhooks.subscriptions.lifecycle import DisabledReason, EndpointState
from app.integrations.webhooks.subscriptions.schemas import PayloadFormat
from app.kit.ids import EndpointId


class EndpointRow(MemberModel):
    """A webhook endpoint of a member; its signing secrets are stored encrypted."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        tenant_foreign_key("members", "member_id"),
        Index("ix_webhook_endpoints_member", "workspace_id", "member_id", "id"),
    )
    id_prefix = "whe"

    id: Mapped[EndpointId] = id_column("whe")
    url: Mapped[str]
    description: Mapped[str | None]
    event_types: Mapped[list[str] | None] = mapped_column(Json)
    payload_format: Mapped[PayloadFormat]
    state: Mapped[EndpointState]
    disabled_reason: Mapped[DisabledReason | None]
    failing_since: Mapped[datetime | None]
    throttled_until: Mapped[datetime | None]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    previous_secrets: Mapped[list[dict[str, Any]] | None] = mapped_column(
        Json, info={"is_secret": True}
    )
