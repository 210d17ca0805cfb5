"""Planning: which steps of the guide apply to an application, and when they are due.

A pure function of the records. It is evaluated again after each event, so that the order of the
events does not matter.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from app.guide import Anchor, Condition, Due, Step, load
from app.kit.clock import start_of_day_utc
from app.kit.ids import InterviewId
from app.tracking.applications.lifecycle import Status
from app.tracking.interviews.lifecycle import Format, InterviewState

Key = tuple[InterviewId | None, str]
"""Key of a step: the interview (None: the whole application), and the id in the guide."""

_LATEST: Final = datetime(2199, 12, 31, tzinfo=UTC)  # the last day that the API allows


@dataclass(frozen=True, slots=True)
class InterviewFacts:
    """One interview, with its records as far as steps depend on them.

    `awaited_on` is the date by which an answer is expected that has not arrived.
    """

    id: InterviewId
    format: Format
    state: InterviewState
    starts_at: datetime
    ended_at: datetime | None
    awaited_on: date | None
    heard_at: datetime | None
    has_reported: bool
    has_asked: bool
    has_signals: bool


@dataclass(frozen=True, slots=True)
class ReferenceFacts:
    """The references of an application; `given_at` is that of the first without thanks."""

    has_any: bool
    are_warned: bool
    given_at: datetime | None
    are_thanked: bool


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """One application with everything that steps depend on."""

    status: Status
    closed_at: datetime | None
    interviews: tuple[InterviewFacts, ...]
    references: ReferenceFacts


@dataclass(frozen=True, slots=True)
class Plan:
    """The due time of each step, and the steps that are fulfilled, that is done by a record."""

    due: dict[Key, datetime]
    fulfilled: frozenset[Key]


def timed_steps() -> Iterator[tuple[Step, Due]]:
    """Yield the steps of the guide that have a due rule, with the rule."""
    return ((step, step.due) for step in load().steps if step.due is not None)


def plan(application: ApplicationFacts, now: datetime) -> Plan:
    """Return the plan of an application and its interviews."""
    fulfilled = frozenset(_fulfilled(application))
    due = {
        key: min(anchor_at + timedelta(minutes=rule.minutes), _LATEST)
        for step, rule in timed_steps()
        for key, anchor_at in _anchored(application, step, rule.after, now)
        if key not in fulfilled
    }
    return Plan(due, fulfilled)


def _anchored(
    application: ApplicationFacts, step: Step, anchor: Anchor, now: datetime
) -> Iterator[tuple[Key, datetime]]:
    for interview in application.interviews:
        anchor_at = _anchor_of_interview(application, interview, anchor, now)
        if anchor_at is not None and _applies(application, interview, step.on):
            yield (interview.id, step.id), anchor_at
    anchor_at = _anchor_of_application(application, anchor)
    if anchor_at is not None and _applies(application, None, step.on):
        yield (None, step.id), anchor_at


def _anchor_of_interview(
    application: ApplicationFacts, interview: InterviewFacts, anchor: Anchor, now: datetime
) -> datetime | None:
    # With a known outcome there is nothing left to prepare or to wait for.
    is_active = application.status == Status.ACTIVE
    match anchor:
        case Anchor.INTERVIEW_START:
            is_ahead = interview.state == InterviewState.SCHEDULED and interview.starts_at > now
            return interview.starts_at if is_active and is_ahead else None
        case Anchor.INTERVIEW_END:
            return interview.ended_at if is_active else None
        case Anchor.EXPECTED_ANSWER:
            is_held = interview.state == InterviewState.CONCLUDED
            expected_on = interview.awaited_on
            return start_of_day_utc(expected_on) if expected_on and is_active and is_held else None
        case Anchor.FEEDBACK_RECEIVED:
            return interview.heard_at
        case Anchor.OUTCOME_KNOWN | Anchor.OFFER_DEADLINE | Anchor.REFERENCE_GIVEN:
            return None


def _anchor_of_application(application: ApplicationFacts, anchor: Anchor) -> datetime | None:
    match anchor:
        case Anchor.OUTCOME_KNOWN:
            return application.closed_at
        case Anchor.REFERENCE_GIVEN:
            return application.references.given_at
        case _:  # an anchor of interviews, or not recorded yet, like the deadline of an offer
            return None


_FORMATS: Final = {
    Condition.FORMAT_PANEL: Format.PANEL,
    Condition.FORMAT_PRESENTATION: Format.PRESENTATION,
    Condition.FORMAT_TASK: Format.TASK,
}
_OUTCOMES: Final = {
    Condition.OUTCOME_NO_OFFER: Status.NO_OFFER,
    Condition.OUTCOME_NO_RESPONSE: Status.NO_RESPONSE,
    Condition.OUTCOME_OFFER: Status.OFFER,
}


def _applies(
    application: ApplicationFacts, interview: InterviewFacts | None, on: Condition | None
) -> bool:
    match on:
        case Condition.FORMAT_PANEL | Condition.FORMAT_PRESENTATION | Condition.FORMAT_TASK:
            return interview is not None and interview.format == _FORMATS[on]
        case Condition.OUTCOME_NO_OFFER | Condition.OUTCOME_NO_RESPONSE | Condition.OUTCOME_OFFER:
            return application.status == _OUTCOMES[on]
        case Condition.REFEREE_NAMED:
            return application.references.has_any
        case Condition.EMPLOYED | Condition.WENT_BADLY:
            return False  # not recorded yet
        case _:  # implied by the anchor
            return True


# Steps that are done by a record, so that the candidate need not complete them.
_DONE_BY: Final[dict[str, Callable[[ApplicationFacts, InterviewFacts], bool]]] = {
    "report_to_recruiter": lambda _, interview: interview.has_reported,
    "ask_for_feedback_and_a_date": lambda _, interview: interview.has_asked,
    "note_the_signs": lambda _, interview: interview.has_signals,
    "warn_your_referees": lambda application, _: application.references.are_warned,
}


def _fulfilled(application: ApplicationFacts) -> Iterator[Key]:
    for interview in application.interviews:
        for step_id, is_done in _DONE_BY.items():
            if is_done(application, interview):
                yield interview.id, step_id
    if application.references.are_thanked:
        yield None, "thank_your_referees"
