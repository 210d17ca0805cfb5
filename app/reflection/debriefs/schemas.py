"""Request and response schemas of observed signals.

The model `Signals` has one field for each signal of the catalogue, so that the OpenAPI document
names every signal and every level, and a misspelt one is rejected.
"""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, create_model, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from app.core.http.field_types import Instant, Text
from app.core.http.schemas import Schema, example
from app.guide import load
from app.kit.ids import InterviewId
from app.scoring import CATALOGUE, Level, Signal, SignalId, level_of
from app.scoring import Kind as SignalKind

_ORDINARY = ("absent", "somewhat", "clearly")
_NAMES = frozenset(signal.id for signal in CATALOGUE)
_RECRUITER_LEVELS = (
    "What the interviewer told the recruiter. `absent`, `somewhat` and `clearly` are read as "
    "`negative`, `mixed` and `positive`; leave it out until you have heard."
)


class SignalsBase(Schema):
    """The observed signals; one left out or null is unknown, which is not the same as absent."""

    @model_validator(mode="before")
    @classmethod
    def _reject_unknown_signals(cls, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if not isinstance(value, dict):
            return value
        unknown = [name for name in value if name not in _NAMES]
        if unknown:
            raise ValidationError.from_exception_data(
                cls.__name__, [_unknown_signal(name, value[name]) for name in unknown]
            )
        return value

    def observed(self) -> dict[SignalId, Level]:
        """Return the level of each known signal, in the terms of the catalogue."""
        return {SignalId(name): level_of(name, level) for name, level in self if level is not None}


def _unknown_signal(name: str, level: object) -> InitErrorDetails:
    kind = PydanticCustomError(
        "unknown_signal", "there is no such signal; GET /v1/guide/signals lists all of them"
    )
    return InitErrorDetails(type=kind, loc=(name,), input=level)


def _field(signal: Signal) -> Any:  # noqa: ANN401 - pydantic takes (type, default)
    levels = tuple(str(level) for level in signal.values)
    accepted = levels if levels == _ORDINARY else (*levels, *_ORDINARY)
    kind = "A good sign" if signal.kind is SignalKind.SIGN else "A bad cue"
    description = f"{kind}: {load().signal(signal.id).title}."
    if levels != _ORDINARY:
        description = f"{description} {_RECRUITER_LEVELS}"
    return (Annotated[Literal[accepted] | None, Field(description=description)], None)


if TYPE_CHECKING:
    Signals = SignalsBase
else:
    Signals = create_model(
        "Signals", __base__=SignalsBase, **{signal.id: _field(signal) for signal in CATALOGUE}
    )


class SignalsPut(Schema):
    """All signals of an interview; a signal that is left out becomes unknown."""

    model_config = example(
        {
            "signals": {
                "ran_longer": "clearly",
                "conversational": "clearly",
                "interviewer_engaged": "somewhat",
                "clear_next_steps": "absent",
                "rambled": "absent",
            },
            "notes": {"ran_longer": "They cancelled their next meeting to go on."},
        }
    )

    signals: Annotated[Signals, Field(default_factory=Signals)]
    notes: Annotated[
        dict[SignalId, Text],
        Field(default_factory=dict, description="Private notes on signals, by signal name."),
    ]


class SignalSuggestion(Schema):
    """A signal that the data of the interview suggests; it counts only once you record it."""

    signal: SignalId
    level: Level
    reason: Annotated[str, Field(description="The data behind the suggestion.")]


class SignalSheet(Schema):
    """The signals observed in one interview; private to the candidate."""

    interview: InterviewId
    signals: Signals
    notes: dict[SignalId, str]
    suggestions: Annotated[
        list[SignalSuggestion],
        Field(description="Unrecorded signals that the data of the concluded interview suggests."),
    ]
    updated_at: Annotated[Instant | None, Field(description="Null while nothing is recorded.")]


class SignalReleasePut(Schema):
    """All signals that the recruiter may read; those left out stay private."""

    model_config = example({"signals": ["conversational", "interviewer_engaged"]})

    signals: Annotated[
        list[SignalId],
        Field(
            min_length=1,
            max_length=len(CATALOGUE),
            description="The names of the signals; duplicates are ignored.",
        ),
    ]


class SignalReleased(Schema):
    """A released signal, at its current level."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset({"signal", "level"})

    signal: SignalId
    level: Level


class SignalRelease(Schema):
    """The only part of a sheet that the recruiter may read."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {"interview", "signals", "released_at", "updated_at"}
    )

    interview: InterviewId
    signals: Annotated[
        list[SignalReleased],
        Field(
            description="The released signals that are recorded now. One that was removed from the "
            "sheet is not shown."
        ),
    ]
    released_at: Instant
    updated_at: Annotated[Instant, Field(description="When the selection last changed.")]
