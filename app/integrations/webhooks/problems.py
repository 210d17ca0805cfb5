"""Problems of webhook endpoints, deliveries and replays."""

from app.core.problems import Conflict, InvalidInput, NotFound


class EndpointNotFound(NotFound):
    """You have no webhook endpoint with this id. `GET /v1/webhook-endpoints` lists yours."""

    title = "Webhook endpoint not found"


class DeliveryNotFound(NotFound):
    """You have no delivery with this id. Deliveries are deleted together with their events.

    `GET /v1/webhook-endpoints/{id}/deliveries` lists those of an endpoint.
    """

    title = "Delivery not found"


class ReplayNotFound(NotFound):
    """You have no replay with this id."""

    title = "Replay not found"


class InvalidTargetUrl(InvalidInput):
    """Webhooks cannot be sent to this URL. `errors` says why."""

    title = "Invalid webhook URL"


class TooManyEndpoints(Conflict):
    """You have the maximum number of webhook endpoints. Delete one that is no longer needed."""

    title = "Too many webhook endpoints"


class TooManySecrets(Conflict):
    """This endpoint has the maximum number of active secrets. At `ends_at` one of them expires.

    With `"overlap_minutes": 0` all previous secrets expire at once, and only the new one signs.
    """

    title = "Too many active secrets"


class EndpointNotActive(Conflict):
    """This endpoint is paused or disabled, so nothing is sent to it.

    Resume it first: `POST /v1/webhook-endpoints/{id}/resumption`.
    """

    title = "Webhook endpoint not active"
