"""How observed signals look in the contract.

The model `Signals` has one field for each signal of the catalogue, so that the
contract names every signal and every level, and a misspelt one is refused.
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
_RECRUITER_WORDS = (
    "What the interviewer told the recruiter. `absent`, `somewhat` and `clearly` are read as "
    "`negative`, `mixed` and `positive`; leave it out while you have not heard."
)


class SignalsBase(Schema):
    """What was observed; a signal left out, or null, is unknown, and unknown is not absent."""

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_signals(cls, given: Any) -> Any:  # noqa: ANN401 - whatever was sent
        if not isinstance(given, dict):
            return given
        unknown = [name for name in given if name not in _NAMES]
        if unknown:
            raise ValidationError.from_exception_data(
                cls.__name__, [_unknown_signal(name, given[name]) for name in unknown]
            )
        return given

    def observed(self) -> dict[SignalId, Level]:
        """Return signal to level, in the catalogue's words, without the unknown ones."""
        return {SignalId(name): level_of(name, level) for name, level in self if level is not None}


def _unknown_signal(name: str, level: object) -> InitErrorDetails:
    kind = PydanticCustomError(
        "unknown_signal", "there is no such signal; GET /v1/guide/signals explains them all"
    )
    return InitErrorDetails(type=kind, loc=(name,), input=level)


def _field(signal: Signal) -> Any:  # noqa: ANN401 - pydantic takes (type, default)
    own = tuple(str(level) for level in signal.values)
    words = own if own == _ORDINARY else (*own, *_ORDINARY)
    kind = "A good sign" if signal.kind is SignalKind.SIGN else "A bad cue"
    described = f"{kind}: {load().signal(signal.id).title}."
    if own != _ORDINARY:
        described = f"{described} {_RECRUITER_WORDS}"
    return (Annotated[Literal[words] | None, Field(description=described)], None)


if TYPE_CHECKING:
    Signals = SignalsBase
else:
    Signals = create_model(
        "Signals", __base__=SignalsBase, **{signal.id: _field(signal) for signal in CATALOGUE}
    )


class SignalsPut(Schema):
    """The whole sheet of an interview; what is left out of it becomes unknown again."""

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
        Field(default_factory=dict, description="A private remark on a signal, by its name."),
    ]


class SignalProposed(Schema):
    """A signal that the facts suggest; it counts only once you put it on the sheet."""

    signal: SignalId
    level: Level
    reason: Annotated[str, Field(description="The facts behind it.")]


class SignalSheet(Schema):
    """What was observed in one interview; private to the candidate."""

    interview: InterviewId
    signals: Signals
    notes: dict[SignalId, str]
    proposals: Annotated[
        list[SignalProposed],
        Field(description="What the facts of the concluded interview suggest and is not recorded."),
    ]
    updated_at: Annotated[Instant | None, Field(description="Null while nothing is recorded.")]


class SignalReleasePut(Schema):
    """The signals that the recruiter may read, all of them; those left out stay private."""

    model_config = example({"signals": ["conversational", "interviewer_engaged"]})

    signals: Annotated[
        list[SignalId],
        Field(min_length=1, max_length=len(CATALOGUE), description="Which; once is enough."),
    ]


class SignalReleased(Schema):
    """A signal that the candidate lets the recruiter read, at its present level."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset({"signal", "level"})

    signal: SignalId
    level: Level


class SignalRelease(Schema):
    """What the recruiter to whom the application is open may read of a sheet, and nothing else."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {"interview", "signals", "released_at", "updated_at"}
    )

    interview: InterviewId
    signals: Annotated[
        list[SignalReleased],
        Field(
            description="Those released that stand on the sheet now; one taken off it is not shown."
        ),
    ]
    released_at: Instant
    updated_at: Annotated[Instant, Field(description="When other signals were chosen.")]
