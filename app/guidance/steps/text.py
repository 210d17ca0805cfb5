"""Texts of a step, in English: those of the guide, and the reason for the due time."""

from typing import Final

from app.guide import Anchor, Due, Step, load

_HOUR: Final = 60
_DAY: Final = 24 * _HOUR

_AFTER: Final = {
    Anchor.INTERVIEW_START: "the interview begins",
    Anchor.INTERVIEW_END: "the interview ended",
    Anchor.EXPECTED_ANSWER: "the day on which an answer was expected",
    Anchor.FEEDBACK_RECEIVED: "you heard what was thought of you",
    Anchor.OUTCOME_KNOWN: "it became known what came of it",
    Anchor.OFFER_DEADLINE: "the offer ends",
    Anchor.REFERENCE_GIVEN: "a referee spoke for you",
}


def guide_step(step_id: str) -> Step:
    """Return the step of the guide; ids are never removed from the guide."""
    return load().step(step_id)


def reason(step_id: str) -> str:
    """Return a sentence about the instant from which a step's due time is counted."""
    due = guide_step(step_id).due
    return "" if due is None else f"Due {_distance(due)} {_AFTER[due.after]}."


def _distance(due: Due) -> str:
    return f"{_duration(abs(due.minutes))} {'before' if due.minutes < 0 else 'after'}"


def _duration(minutes: int) -> str:
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (1, "minute")):
        if minutes % unit == 0:
            count = minutes // unit
            return f"{count} {name}{'s' if count != 1 else ''}"
    return ""  # pragma: no cover - every integer is divisible by one
