"""Training labels: which applications are learnt from, and with which outcome.

More than a third of completed rounds of interviews are never answered. An application without an
answer for a while after the last round is therefore labelled as no offer, until an answer comes.
An application that the candidate withdrew has no label, because its outcome is unknown.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

PATIENCE_DAYS: Final = 35
"""Days without an answer after the last round that count as no offer; 30 to 45 are sensible."""


class Result(StrEnum):
    """The outcome of an application."""

    OFFER = "offer"
    NO_OFFER = "no_offer"
    NO_RESPONSE = "no_response"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Label:
    """The training label of an application: whether an offer was made."""

    offered: bool
    known_on: date
    is_inferred: bool  # from a missing answer; an answer that comes later replaces it


def label_of(
    result: Result | None,
    *,
    known_on: date | None,
    last_round_on: date | None,
    today: date,
    patience_days: int = PATIENCE_DAYS,
) -> Label | None:
    """Return the label of an application today, or None while it has none.

    `known_on` is the day on which the result became known, `last_round_on` that of the last
    interview, held or arranged. The label is computed from its inputs each time, so that a late
    answer or another patience gives another label. Raises ValueError when the patience is negative.
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
            return _label_without_answer(result, known_on, last_round_on, today, patience_days)


def _label_without_answer(
    result: Result | None,
    known_on: date | None,
    last_round_on: date | None,
    today: date,
    patience_days: int,
) -> Label | None:
    if last_round_on is not None:
        final_on = last_round_on + timedelta(days=patience_days)
    elif result is Result.NO_RESPONSE and known_on is not None:
        final_on = known_on
    else:
        return None
    return Label(offered=False, known_on=final_on, is_inferred=True) if today >= final_on else None
