"""Suggestions: signals that follow from the data of an interview, with the reason; never set.

They are computed whenever the sheet is read, so that a corrected end or panel corrects the
suggestions too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.tracking.interviews.repository import PanelMemberRecord
from app.tracking.interviews.schemas import Seniority

_CLEARLY_LONGER_MINUTES = 20
_CLEARLY_LONGER_SHARE = 1.25
_SOMEWHAT_LONGER_MINUTES = 5

_LEVEL_OF_SENIORITY = {
    Seniority.EXECUTIVE: "clearly",
    Seniority.DIRECTOR: "clearly",
    Seniority.MANAGER: "somewhat",
    Seniority.SENIOR: "somewhat",
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A signal, the proposed level, and the reason."""

    signal: str
    level: str
    reason: str


def propose(
    planned_minutes: int | None, actual_minutes: int | None, panel: Sequence[PanelMemberRecord]
) -> Iterator[Suggestion]:
    """Yield the signals that a concluded interview suggests; durations are in whole minutes."""
    if actual_minutes is None:
        return
    if planned_minutes is not None:
        yield from _longer(planned_minutes, actual_minutes)
    yield from _decision_makers(panel)


def _longer(planned: int, actual: int) -> Iterator[Suggestion]:
    excess = actual - planned
    if excess < _SOMEWHAT_LONGER_MINUTES:
        return
    is_clear = excess >= _CLEARLY_LONGER_MINUTES or actual >= planned * _CLEARLY_LONGER_SHARE
    reason = f"It was planned for {planned} minutes and took {actual}."
    yield Suggestion("ran_longer", "clearly" if is_clear else "somewhat", reason)


def _decision_makers(panel: Sequence[PanelMemberRecord]) -> Iterator[Suggestion]:
    levels = {member.name: level for member in panel if (level := _level(member))}
    if levels:
        level = "clearly" if "clearly" in levels.values() else "somewhat"
        yield Suggestion("met_decision_makers", level, f"You met {_joined(list(levels))}.")


def _level(member: PanelMemberRecord) -> str | None:
    if member.has_final_say:
        return "clearly"
    return _LEVEL_OF_SENIORITY.get(member.seniority) if member.seniority else None


def _joined(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
