"""States of a webhook endpoint, and the moves between them."""

from enum import StrEnum

from app.kit.lifecycle import StateMachine


class EndpointState(StrEnum):
    """The state of an endpoint: events are sent to an active one only."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


class EndpointMove(StrEnum):
    """The moves between the states of an endpoint."""

    PAUSE = "pause"
    RESUME = "resume"
    DISABLE = "disable"


ENDPOINT: StateMachine[EndpointState, EndpointMove] = StateMachine(
    "an endpoint",
    {
        (EndpointState.ACTIVE, EndpointMove.PAUSE): EndpointState.PAUSED,
        (EndpointState.ACTIVE, EndpointMove.DISABLE): EndpointState.DISABLED,
        (EndpointState.PAUSED, EndpointMove.RESUME): EndpointState.ACTIVE,
        (EndpointState.DISABLED, EndpointMove.RESUME): EndpointState.ACTIVE,
    },
)


class DisabledReason(StrEnum):
    """Why an endpoint was disabled."""

    GONE = "gone"  # it answered 410
    FAILING = "failing"  # every attempt has failed for days
    UNSIGNABLE = "unsignable"  # its secret cannot be decrypted with this server's key
