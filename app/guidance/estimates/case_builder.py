"""Case builder: from rows of interviews and signals to a case for the scoring."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from app.kit.ids import InterviewId
from app.scoring import Case, Interview, Level, Round, SignalId
from app.tracking.interviews.lifecycle import InterviewState
from app.tracking.interviews.service import has_started

_ROUNDS = list(Round)


class Evidence(Protocol):
    """A row of an interview with its signals, which are null when none were recorded."""

    @property
    def id(self) -> InterviewId:
        """The id of the interview."""

    @property
    def round(self) -> Round:
        """The round of the interview."""

    @property
    def state(self) -> InterviewState:
        """The state of the interview."""

    @property
    def starts_at(self) -> datetime:
        """The start of the interview, which may be in the future."""

    @property
    def signals(self) -> Mapping[str, Any] | None:
        """Levels by signal id."""


def case_from(rows: Iterable[Evidence], now: datetime) -> Case:
    """Return a case from the interviews of an application, in the order they were held.

    An interview counts when it has started. An interview in the future only counts for the stage
    that the application has reached. A cancelled interview does not count.
    """
    not_cancelled = [row for row in rows if row.state is not InterviewState.CANCELLED]
    interviews = [
        _interview(row) for row in not_cancelled if has_started(row.state, row.starts_at, now)
    ]
    reached = max((row.round for row in not_cancelled), key=_ROUNDS.index, default=None)
    return Case(tuple(interviews), reached)


def _interview(row: Evidence) -> Interview:
    return Interview(
        row.id,
        row.round,
        {SignalId(name): Level(level) for name, level in (row.signals or {}).items()},
    )
