"""From rows of interviews and signals to a case as the scoring takes it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.scoring import Case, Interview, Level, Round, SignalId
from app.tracking.interviews.lifecycle import InterviewState
from app.tracking.interviews.service import has_started

_ROUNDS = list(Round)


def case_from(rows: Iterable[Any], now: datetime) -> Case:
    """Return a case from the interviews of an application, in the order they were held.

    An interview counts once it has taken place; one still ahead only tells how
    far the application has come; a cancelled one tells nothing.
    """
    standing = [row for row in rows if row.state != InterviewState.CANCELLED]
    held = [_interview(row) for row in standing if has_started(row, now)]
    reached = max((Round(row.round) for row in standing), key=_ROUNDS.index, default=None)
    return Case(tuple(held), reached)


def _interview(row: Any) -> Interview:  # noqa: ANN401 - a row joined from two tables
    return Interview(
        row.id,
        Round(row.round),
        {SignalId(name): Level(level) for name, level in (row.signals or {}).items()},
    )
