"""From rows of interviews and signals to a case as the scoring takes it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from app.kit.ids import InterviewId
from app.scoring import Case, Interview, Level, Round, SignalId
from app.tracking.interviews.lifecycle import InterviewState
from app.tracking.interviews.service import has_started

_ROUNDS = list(Round)


class Evidence(Protocol):
    """An interview with its signals, null where none were recorded."""

    @property
    def id(self) -> InterviewId:
        """The interview."""

    @property
    def round(self) -> Round:
        """Its round."""

    @property
    def state(self) -> InterviewState:
        """Whether it was held."""

    @property
    def starts_at(self) -> datetime:
        """When it starts, or started."""

    @property
    def signals(self) -> Mapping[str, Any] | None:
        """Levels by the names of the signals."""


def case_from(rows: Iterable[Evidence], now: datetime) -> Case:
    """Return a case from the interviews of an application, in the order they were held.

    An interview counts once it has taken place; one still ahead only tells how
    far the application has come; a cancelled one tells nothing.
    """
    standing = [row for row in rows if row.state is not InterviewState.CANCELLED]
    held = [_interview(row) for row in standing if has_started(row.state, row.starts_at, now)]
    reached = max((row.round for row in standing), key=_ROUNDS.index, default=None)
    return Case(tuple(held), reached)


def _interview(row: Evidence) -> Interview:
    return Interview(
        row.id,
        row.round,
        {SignalId(name): Level(level) for name, level in (row.signals or {}).items()},
    )
