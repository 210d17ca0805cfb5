"""Tables of endpoints, deliveries, attempts and replays; each is its member's alone."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import MemberModel, id_column, tenant_foreign_key
from app.core.persistence.types import Json
from app.kit.ids import EndpointId


class EndpointRow(MemberModel):
    """Where a member wants to be told of what happens; its secrets are sealed."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        tenant_foreign_key("members", "member_id"),
        Index("ix_webhook_endpoints_member", "workspace_id", "member_id", "id"),
    )
    id_prefix = "whe"

    id: Mapped[EndpointId] = id_column("whe")
    url: Mapped[str]
    description: Mapped[str | None]
    types: Mapped[list[str] | None] = mapped_column(Json)
    payload: Mapped[str]
    state: Mapped[str]
    disabled_because: Mapped[str | None]
    failing_since: Mapped[datetime | None]
    waits_until: Mapped[datetime | None]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    secrets_before: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
