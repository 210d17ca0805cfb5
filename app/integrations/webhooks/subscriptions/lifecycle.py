"""The lives of an endpoint and of a delivery to it."""

from enum import StrEnum

from app.kit.lifecycle import StateMachine


class EndpointState(StrEnum):
    """Whether an endpoint is told of what happens."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


class EndpointMove(StrEnum):
    """What can be done with an endpoint."""

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


class DisabledBecause(StrEnum):
    """Why an endpoint was disabled."""

    GONE = "gone"  # it answered 410
    FAILING = "failing"  # no attempt has come through for days
    UNSIGNABLE = "unsignable"  # this server can no longer sign for it: rotate its secret
