"""Queries over webhook endpoints."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select

from app.accounts.models import MemberRow
from app.core.http.pagination import Order, keyset_query
from app.core.persistence.tenancy import Role, TenantQuery, on_same_workspace
from app.integrations.webhooks.subscriptions.lifecycle import DisabledReason, EndpointState
from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.integrations.webhooks.subscriptions.schemas import PayloadFormat
from app.kit.ids import EndpointId, MemberId


class EndpointRecord(NamedTuple):
    """An endpoint; its secrets are encrypted."""

    id: EndpointId
    member_id: MemberId
    url: str
    description: str | None
    event_types: list[str] | None
    payload_format: PayloadFormat
    state: EndpointState
    disabled_reason: DisabledReason | None
    failing_since: datetime | None
    throttled_until: datetime | None
    secret: bytes
    previous_secrets: list[dict[str, Any]] | None
    created_at: datetime
    updated_at: datetime
    version: int


class OwnerRole(NamedTuple):
    """The role of the member who owns an endpoint."""

    role: Role


class EndpointFilter(NamedTuple):
    """Which events an endpoint receives."""

    id: EndpointId
    member_id: MemberId
    event_types: list[str] | None


class EndpointCount(NamedTuple):
    """How many endpoints a member has."""

    number: int


_ENDPOINTS = select(*EndpointRow.columns_of(EndpointRecord))

ENDPOINT_BY_ID = TenantQuery(
    EndpointRow, EndpointRecord, _ENDPOINTS.where(EndpointRow.id == bindparam("id"))
)

ENDPOINTS = keyset_query(EndpointRow, EndpointRecord, _ENDPOINTS, Order(EndpointRow.id))

ENDPOINT_COUNT = TenantQuery(
    EndpointRow, EndpointCount, select(func.count().label("number")).select_from(EndpointRow)
)

OWNER_OF_ENDPOINT = TenantQuery(
    EndpointRow,
    OwnerRole,
    select(MemberRow.role)
    .select_from(EndpointRow)
    .join(
        MemberRow, on_same_workspace(EndpointRow, MemberRow, MemberRow.id == EndpointRow.member_id)
    )
    .where(EndpointRow.id == bindparam("id")),
)

ENABLED_ENDPOINTS = TenantQuery(
    EndpointRow,
    EndpointFilter,
    select(*EndpointRow.columns_of(EndpointFilter)).where(
        EndpointRow.state != EndpointState.DISABLED
    ),
)
