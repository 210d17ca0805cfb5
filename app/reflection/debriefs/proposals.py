"""Signs the service can see for itself: proposed with their reason, never set.

They are worked out afresh from the interview's facts whenever the sheet is
read, so that a corrected end or panel corrects the proposal too.
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
class Proposal:
    """A signal, the level the facts suggest, and which facts."""

    signal: str
    level: str
    reason: str


def propose(
    planned_minutes: int | None, actual_minutes: int | None, panel: Sequence[PanelMemberRecord]
) -> Iterator[Proposal]:
    """Yield what the facts of a concluded interview suggest; minutes are whole minutes."""
    if actual_minutes is None:
        return
    if planned_minutes is not None:
        yield from _longer(planned_minutes, actual_minutes)
    yield from _decision_makers(panel)


def _longer(planned: int, actual: int) -> Iterator[Proposal]:
    over = actual - planned
    if over < _SOMEWHAT_LONGER_MINUTES:
        return
    clearly = over >= _CLEARLY_LONGER_MINUTES or actual >= planned * _CLEARLY_LONGER_SHARE
    reason = f"It was planned for {planned} minutes and took {actual}."
    yield Proposal("ran_longer", "clearly" if clearly else "somewhat", reason)


def _decision_makers(panel: Sequence[PanelMemberRecord]) -> Iterator[Proposal]:
    met = {member.name: level for member in panel if (level := _level(member))}
    if met:
        level = "clearly" if "clearly" in met.values() else "somewhat"
        yield Proposal("met_decision_makers", level, f"You met {_and(list(met))}.")


def _level(member: PanelMemberRecord) -> str | None:
    if member.has_final_say:
        return "clearly"
    return _LEVEL_OF_SENIORITY.get(member.seniority) if member.seniority else None


def _and(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
