"""Which applications may be learnt from, and as what.

Silence is an answer that comes late: more than a third of full rounds of
interviews are never answered. So no answer for a while after the last round is
learnt as no offer, until one comes after all. Whoever withdrew did not find out.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

PATIENCE_DAYS: Final = 35
"""How long silence after the last round is left open; 30 to 45 days are sensible."""


class Result(StrEnum):
    """What became of an application."""

    OFFER = "offer"
    NO_OFFER = "no_offer"
    NO_RESPONSE = "no_response"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Label:
    """What an application teaches: whether an offer was made."""

    offered: bool
    known_on: date
    is_inferred: bool  # from silence; an answer that comes after all replaces it


def label_of(
    result: Result | None,
    *,
    known_on: date | None,
    last_round_on: date | None,
    today: date,
    patience_days: int = PATIENCE_DAYS,
) -> Label | None:
    """Return what an application teaches today, or None while it teaches nothing.

    `known_on` is the day on which the result was told, `last_round_on` that of the last interview,
    held or arranged. Nothing is kept, so a late answer or another patience simply gives another
    label. Raises ValueError when the patience is negative.
    """
    if patience_days < 0:
        message = f"patience is a number of days, not {patience_days}"
        raise ValueError(message)
    match result:
        case Result.OFFER | Result.NO_OFFER:
            day = known_on or last_round_on or today
            return Label(offered=result is Result.OFFER, known_on=day, is_inferred=False)
        case Result.WITHDRAWN:
            return None
        case Result.NO_RESPONSE | None:
            return _silence(result, known_on, last_round_on, today, patience_days)


def _silence(
    result: Result | None,
    known_on: date | None,
    last_round_on: date | None,
    today: date,
    patience_days: int,
) -> Label | None:
    if last_round_on is not None:
        over_on = last_round_on + timedelta(days=patience_days)
    elif result is Result.NO_RESPONSE and known_on is not None:
        over_on = known_on
    else:
        return None
    return Label(offered=False, known_on=over_on, is_inferred=True) if today >= over_on else None
