"""States of a delivery and of a replay."""

from enum import StrEnum

from app.kit.lifecycle import StateMachine


class DeliveryState(StrEnum):
    """The state of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHHELD = "withheld"


class DeliveryMove(StrEnum):
    """The moves between the states of a delivery."""

    TRY_AGAIN = "try again"
    DELIVER = "deliver"
    GIVE_UP = "give up"
    WITHHOLD = "withhold"


DELIVERY: StateMachine[DeliveryState, DeliveryMove] = StateMachine(
    "a delivery",
    {
        (DeliveryState.PENDING, DeliveryMove.TRY_AGAIN): DeliveryState.PENDING,
        (DeliveryState.PENDING, DeliveryMove.DELIVER): DeliveryState.DELIVERED,
        (DeliveryState.PENDING, DeliveryMove.GIVE_UP): DeliveryState.FAILED,
        (DeliveryState.PENDING, DeliveryMove.WITHHOLD): DeliveryState.WITHHELD,
    },
)


class DeliveryTrigger(StrEnum):
    """Why a delivery was created."""

    EVENT = "event"
    TEST = "test"
    REPLAY = "replay"


class ReplayState(StrEnum):
    """The state of a replay."""

    RUNNING = "running"
    DONE = "done"
