"""From rows to what the contract shows."""

from collections.abc import Sequence

from app.integrations.webhooks.subscriptions.models import EndpointRow
from app.integrations.webhooks.subscriptions.previous_secrets import latest_expiry
from app.integrations.webhooks.subscriptions.schemas import Endpoint


def endpoint(row: EndpointRow) -> Endpoint:
    """Show an endpoint."""
    return Endpoint(
        id=row.id,
        url=row.url,
        types=row.types,
        payload=row.payload,
        description=row.description,
        state=row.state,
        disabled_because=row.disabled_because,
        failing_since=row.failing_since,
        waits_until=row.waits_until,
        secret_before_ends_at=latest_expiry(row.secrets_before),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def endpoints(rows: Sequence[EndpointRow]) -> list[Endpoint]:
    """Show the endpoints of one page."""
    return [endpoint(row) for row in rows]
