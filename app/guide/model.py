"""Data model of the guide: signals, a questionnaire, steps and the texts of an estimate.

Ids, kinds, phases and due rules are stable and the same in every language. All texts may change at
any time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar


class SignalKind(StrEnum):
    """Whether a signal is expected to speak for an offer (sign) or against one (cue)."""

    SIGN = "sign"
    CUE = "cue"


class StepKind(StrEnum):
    """Whether a step is something to do or something to avoid."""

    DO = "do"
    DONT = "dont"


class Phase(StrEnum):
    """The phase of a step, in the order of the days after an interview."""

    STRAIGHT_AFTER = "straight_after"
    SAME_DAY = "same_day"
    WHILE_WAITING = "while_waiting"
    BEFORE_NEXT = "before_next"
    AFTER_NO = "after_no"
    AFTER_OFFER = "after_offer"
    ALWAYS = "always"


class Anchor(StrEnum):
    """The instant from which a due time is counted."""

    INTERVIEW_START = "interview_start"
    INTERVIEW_END = "interview_end"
    EXPECTED_ANSWER = "expected_answer"
    FEEDBACK_RECEIVED = "feedback_received"
    OUTCOME_KNOWN = "outcome_known"
    OFFER_DEADLINE = "offer_deadline"
    REFERENCE_GIVEN = "reference_given"


class Condition(StrEnum):
    """The condition under which a step applies; a step without one always applies."""

    ANSWER_OVERDUE = "answer.overdue"
    EMPLOYED = "candidate.employed"
    FEEDBACK_RECEIVED = "feedback.received"
    FORMAT_PANEL = "format.panel"
    FORMAT_PRESENTATION = "format.presentation"
    FORMAT_TASK = "format.task"
    OUTCOME_NO_OFFER = "outcome.no_offer"
    OUTCOME_NO_RESPONSE = "outcome.no_response"
    OUTCOME_OFFER = "outcome.offer"
    REFEREE_NAMED = "referee.named"
    REFERENCE_GIVEN = "reference.given"
    WENT_BADLY = "interview.went_badly"


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a signal: how clearly it was observed.

    `said` is a sentence in the past tense, shown next to the contribution.
    """

    id: str
    label: str
    description: str
    said: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One observable sign or cue, and the question to ask about it."""

    id: str
    kind: SignalKind
    capability: str
    title: str
    description: str
    question: str
    levels: tuple[Level, ...]

    def level(self, level_id: str) -> Level:
        """Return the level with this id; raise UnknownEntryError when there is none."""
        return _find(self.levels, level_id)


@dataclass(frozen=True, slots=True)
class Answer:
    """One point of the answer scale, 1 to 5; a null value means "not known yet"."""

    value: int | None
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One statement of the questionnaire that is answered on the scale.

    `tied_to` names a record of the candidate to be shown next to it.
    """

    id: str
    prompt: str
    hint: str
    tied_to: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One of the four questions.

    A section with `is_asked_alone` is shown before any number.
    """

    id: str
    capability: str
    title: str
    intro: str
    items: tuple[Item, ...]
    is_asked_alone: bool = False

    def item(self, item_id: str) -> Item:
        """Return the item with this id; raise UnknownEntryError when there is none."""
        return _find(self.items, item_id)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """The questionnaire "Is this the right job?"; answers are stored with its version."""

    version: str
    title: str
    intro: str
    scale: tuple[Answer, ...]
    sections: tuple[Section, ...]

    def section(self, section_id: str) -> Section:
        """Return the section with this id; raise UnknownEntryError when there is none."""
        return _find(self.sections, section_id)


@dataclass(frozen=True, slots=True)
class Due:
    """When a step is due: minutes after an instant, or before it when negative."""

    after: Anchor
    minutes: int


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do or to avoid, with the reason for it."""

    id: str
    kind: StepKind
    phase: Phase
    capabilities: tuple[str, ...]
    title: str
    text: str
    due: Due | None = None
    on: Condition | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """The title of a band of estimates, and a sentence that explains it."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class EstimateTexts:
    """Sentences for an estimate: templates for `str.format` with placeholders in braces.

    `in_ten`, `low`, `high`, `before` and `after` are whole numbers out of 10, `outcomes` and
    `workspaces` are counts, `recorded` and `possible` are counts of signals, `said` and `question`
    are sentences of a signal.
    """

    summary: str
    summary_narrow: str
    summary_below_one: str
    summary_above_nine: str
    baseline: str
    raised: str
    lowered: str
    unmoved: str
    nothing_recorded: str
    coverage_low: str
    too_wide: str
    next_questions: str
    by_judgement: str
    by_outcomes: str
    by_others: str
    changed: str
    nothing_learnt: str
    closed: str
    after_closing: str
    reversed_signals: str
    caveat: str
    pictures: "PictureTexts"
    bands: tuple[Band, ...]

    def band(self, band_id: str) -> Band:
        """Return the band with this id; raise UnknownEntryError when there is none."""
        return _find(self.bands, band_id)


@dataclass(frozen=True, slots=True)
class PictureTexts:
    """Texts of the charts of estimates."""

    contributions_title: str
    baseline: str
    hold: str
    interview: str
    against: str
    towards: str
    reliability_title: str
    reliability_text: str
    too_early: str
    forecast: str
    observed: str
    ideal: str


@dataclass(frozen=True, slots=True)
class Guide:
    """The whole guide in one language."""

    version: str
    language: str
    signals: tuple[Signal, ...]
    questionnaire: Questionnaire
    steps: tuple[Step, ...]
    estimate_texts: EstimateTexts

    def signal(self, signal_id: str) -> Signal:
        """Return the signal with this id; raise UnknownEntryError when there is none."""
        return _find(self.signals, signal_id)

    def step(self, step_id: str) -> Step:
        """Return the step with this id; raise UnknownEntryError when there is none."""
        return _find(self.steps, step_id)


class UnknownEntryError(LookupError):
    """Raised when the guide has no entry with this id."""

    def __init__(self, entry_id: str, known: tuple[str, ...]) -> None:
        """Store the requested id and the known ones."""
        super().__init__(f"the guide has no {entry_id!r}, only {', '.join(known)}")
        self.entry_id = entry_id
        self.known = known


class _Entry(Protocol):
    @property
    def id(self) -> str: ...


_E = TypeVar("_E", bound=_Entry)


def _find(entries: Iterable[_E], entry_id: str) -> _E:
    known = {entry.id: entry for entry in entries}
    if entry_id not in known:
        raise UnknownEntryError(entry_id, tuple(known))
    return known[entry_id]
