"""Signal catalogue: sixteen observable signals, and the log-likelihood ratio of each level.

A value says how much likelier a level is before an offer than before none, in nats. The values are
*elicited*, that is judged and not measured, because nobody has published a measured one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """Whether a clearly observed signal speaks for an offer (sign) or against one (cue)."""

    SIGN = "sign"
    CUE = "cue"


class Level(StrEnum):
    """How clearly a signal was observed; the last three are levels of the recruiter's feedback."""

    ABSENT = "absent"
    SOMEWHAT = "somewhat"
    CLEARLY = "clearly"
    NEGATIVE = "negative"
    MIXED = "mixed"
    POSITIVE = "positive"


class SignalId(StrEnum):
    """Public ids of the eleven signs and the five cues."""

    RAN_LONGER = "ran_longer"
    CONVERSATIONAL = "conversational"
    TOLD_WHAT_YOU_WOULD_DO = "told_what_you_would_do"
    INTERVIEWER_ENGAGED = "interviewer_engaged"
    FELT_EXCITED = "felt_excited"
    QUESTIONS_ANSWERED_IN_FULL = "questions_answered_in_full"
    MET_COLLEAGUES = "met_colleagues"
    MET_DECISION_MAKERS = "met_decision_makers"
    CLOSING_QUESTIONS = "closing_questions"
    CLEAR_NEXT_STEPS = "clear_next_steps"
    GOOD_FEEDBACK_TO_RECRUITER = "good_feedback_to_recruiter"
    NO_QUESTIONS_PREPARED = "no_questions_prepared"
    RAMBLED = "rambled"
    SPOKE_ILL_OF_EMPLOYER = "spoke_ill_of_employer"
    CAUGHT_OFF_GUARD = "caught_off_guard"
    RECURRING_RESERVATION = "recurring_reservation"


class UnknownSignalError(ValueError):
    """Raised when no signal of the catalogue has this id."""

    def __init__(self, given: str) -> None:
        """Store the id that was given and the ids that are allowed."""
        self.given = str(given)
        self.allowed = tuple(SignalId)
        super().__init__(f"no signal is called {self.given!r}; allowed: {', '.join(self.allowed)}")


class UnknownLevelError(ValueError):
    """Raised when a signal does not have this level."""

    def __init__(self, signal: SignalId, given: str) -> None:
        """Store the signal, the level that was given and the levels that are allowed."""
        self.signal = signal
        self.given = str(given)
        self.allowed = tuple(SIGNALS[signal].values)
        super().__init__(f"{signal} cannot be {self.given!r}; allowed: {', '.join(self.allowed)}")


@dataclass(frozen=True, slots=True)
class Signal:
    """One row of the catalogue."""

    id: SignalId
    kind: Kind
    index: int  # counted from 0, in display order
    values: Mapping[Level, float]  # log-likelihood ratio in nats, weakest level first

    @property
    def value_range(self) -> float:
        """The difference of the highest and the lowest value, in nats."""
        return max(self.values.values()) - min(self.values.values())

    def value_of(self, level: Level) -> float:
        """Return the log-likelihood ratio of a level in nats.

        Raises UnknownLevelError when the signal does not have this level.
        """
        try:
            return self.values[level]
        except KeyError:
            raise UnknownLevelError(self.id, level) from None


_OBSERVED_LEVELS = (Level.ABSENT, Level.SOMEWHAT, Level.CLEARLY)
_RECRUITER_LEVELS = (Level.NEGATIVE, Level.MIXED, Level.POSITIVE)
_RECRUITER_LEVEL_OF = dict(zip(_OBSERVED_LEVELS, _RECRUITER_LEVELS, strict=True))

_SIGNS: Final[Mapping[SignalId, tuple[float, float, float]]] = {
    SignalId.RAN_LONGER: (-0.20, 0.14, 0.45),
    SignalId.CONVERSATIONAL: (-0.30, 0.04, 0.35),
    SignalId.TOLD_WHAT_YOU_WOULD_DO: (-0.15, 0.08, 0.29),
    SignalId.INTERVIEWER_ENGAGED: (-0.33, 0.04, 0.39),
    SignalId.FELT_EXCITED: (-0.22, 0.01, 0.23),
    SignalId.QUESTIONS_ANSWERED_IN_FULL: (-0.23, 0.00, 0.21),
    SignalId.MET_COLLEAGUES: (-0.20, 0.25, 0.65),
    SignalId.MET_DECISION_MAKERS: (-0.16, 0.25, 0.63),
    SignalId.CLOSING_QUESTIONS: (-0.28, 0.10, 0.44),
    SignalId.CLEAR_NEXT_STEPS: (-0.27, 0.07, 0.38),
    SignalId.GOOD_FEEDBACK_TO_RECRUITER: (-0.97, -0.12, 0.64),
}
_CUES: Final[Mapping[SignalId, tuple[float, float, float]]] = {
    SignalId.NO_QUESTIONS_PREPARED: (0.07, -0.12, -0.30),
    SignalId.RAMBLED: (0.16, -0.15, -0.43),
    SignalId.SPOKE_ILL_OF_EMPLOYER: (0.04, -0.23, -0.48),
    SignalId.CAUGHT_OFF_GUARD: (0.20, -0.15, -0.46),
    SignalId.RECURRING_RESERVATION: (0.17, -0.29, -0.70),
}


def _signal(index: int, signal: SignalId, values: tuple[float, float, float]) -> Signal:
    kind = Kind.SIGN if signal in _SIGNS else Kind.CUE
    levels = (
        _RECRUITER_LEVELS if signal is SignalId.GOOD_FEEDBACK_TO_RECRUITER else _OBSERVED_LEVELS
    )
    by_level = MappingProxyType(dict(zip(levels, values, strict=True)))
    return Signal(signal, kind, index, by_level)


CATALOGUE: Final = tuple(
    _signal(index, signal, values)
    for index, (signal, values) in enumerate([*_SIGNS.items(), *_CUES.items()])
)
"""All signals in display order: signs, then cues."""

SIGNALS: Final[Mapping[str, Signal]] = MappingProxyType({row.id: row for row in CATALOGUE})
"""All signals by id."""


def signal_of(text: str) -> Signal:
    """Return the signal with this id; raise UnknownSignalError when there is none."""
    try:
        return SIGNALS[text]
    except KeyError:
        raise UnknownSignalError(text) from None


def level_of(signal: str, text: str) -> Level:
    """Parse the level of a signal.

    For the recruiter's feedback, the levels of other signals (absent, somewhat, clearly) are
    accepted too and converted to its own. Raises UnknownSignalError or UnknownLevelError; both
    list the allowed values.
    """
    row = signal_of(signal)
    try:
        level = Level(text)
    except ValueError:
        raise UnknownLevelError(row.id, text) from None
    if row.id is SignalId.GOOD_FEEDBACK_TO_RECRUITER:
        level = _RECRUITER_LEVEL_OF.get(level, level)
    row.value_of(level)
    return level
