"""States of a delivery and of a replay."""

from enum import StrEnum

from app.kit.lifecycle import StateMachine


class DeliveryState(StrEnum):
    """What became of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHHELD = "withheld"


class DeliveryMove(StrEnum):
    """What happens to a delivery."""

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
    """Why a delivery was made."""

    EVENT = "event"
    TEST = "test"
    REPLAY = "replay"


class ReplayState(StrEnum):
    """How far a replay is."""

    RUNNING = "running"
    DONE = "done"
