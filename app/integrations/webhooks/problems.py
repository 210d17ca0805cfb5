"""What can go wrong with endpoints, deliveries and events."""

from app.core.problems import Conflict, InvalidInput, NotFound


class EndpointNotFound(NotFound):
    """There is no endpoint of yours under this id. `GET /v1/webhook-endpoints` lists them."""

    title = "No such endpoint"


class DeliveryNotFound(NotFound):
    """There is no delivery of yours under this id; they are kept as long as their events.

    `GET /v1/webhook-endpoints/{id}/deliveries` lists them.
    """

    title = "No such delivery"


class ReplayNotFound(NotFound):
    """There is no replay of yours under this id."""

    title = "No such replay"


class TargetUnsuitable(InvalidInput):
    """Nothing can be sent to this URL. `errors` says what is the matter with it."""

    title = "The URL is no target for webhooks"


class EndpointsTooMany(Conflict):
    """You have as many endpoints as there can be. Delete one that is no longer needed."""

    title = "Too many endpoints"


class SecretsTooMany(Conflict):
    """As many secrets sign what is sent to this endpoint as can. At `ends_at` one of them ends.

    With `"overlap_minutes": 0` all of them end at once, and only the new one signs.
    """

    title = "Too many secrets sign"


class EndpointNotActive(Conflict):
    """This endpoint is paused or disabled, so that nothing is sent to it.

    Resume it first: `POST /v1/webhook-endpoints/{id}/resumption`.
    """

    title = "The endpoint is not active"
