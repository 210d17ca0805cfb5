"""How estimates look in the contract."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, RootModel, WithJsonSchema, model_validator

from app.core.http.field_types import Flag, Instant
from app.core.http.schemas import Schema, example, left_out
from app.kit.ids import ApplicationId, EstimateId, InterviewId
from app.reflection.debriefs.schemas import Signals
from app.scoring import Band, Fallback, Round, SignalId

Probability = Annotated[float, Field(ge=0, le=1)]
# Said as a list of two, which every generator of clients understands.
Span = Annotated[
    tuple[Probability, Probability],
    WithJsonSchema(
        {
            "type": "array",
            "description": "Lowest and highest.",
            "items": {"type": "number", "minimum": 0, "maximum": 1},
            "minItems": 2,
            "maxItems": 2,
        }
    ),
]


class WhatIfInterview(Schema):
    """An interview that may never have been: its round and what would have been observed."""

    round: Round
    signals: Signals = Field(default_factory=Signals)


class WhatIfCase(Schema):
    """The interviews of one imagined application, in the order they were held."""

    interviews: Annotated[list[WhatIfInterview], Field(max_length=20)]


class WhatIf(Schema):
    """One case (`interviews`), or many at once (`cases`)."""

    model_config = example(
        {
            "interviews": [
                {
                    "round": "first",
                    "signals": {"conversational": "clearly", "rambled": "absent"},
                }
            ]
        },
        oneOf=[{"required": ["interviews"]}, {"required": ["cases"]}],
    )

    interviews: Annotated[list[WhatIfInterview], Field(max_length=20)] = left_out()
    cases: Annotated[list[WhatIfCase], Field(max_length=1000)] = left_out()

    @model_validator(mode="after")
    def _one_or_many(self) -> Self:
        if len(self.model_fields_set) != 1:
            message = "send either `interviews` (one case) or `cases` (many)"
            raise ValueError(message)
        return self


class Interval(Schema):
    """Where the probability probably lies: four times in five, and nineteen times in twenty."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    likely: Annotated[Span, Field(alias="80", description="The 80 % interval.")]
    wide: Annotated[Span, Field(alias="95", description="The 95 % interval.")]


class Baseline(Schema):
    """What would be estimated had nothing been observed, at the round reached and after as many."""

    probability: Probability
    log_odds: float


class Contribution(Schema):
    """How far one observed signal moved the estimate, and which way."""

    signal: SignalId
    interview: Annotated[
        str, Field(description="The interview's id; in a what-if its place, counted from 1.")
    ]
    level: str
    log_odds: Annotated[float, Field(description="Natural log-odds; positive is towards an offer.")]
    text: str


class Question(Schema):
    """A signal not yet recorded, and how much recording it could tell."""

    signal: SignalId
    interview: str
    gain: Annotated[float, Field(ge=0, description="Expected information about the outcome, nats.")]
    text: str


class Hold(Schema):
    """How far an estimate is held to what is usual, so that it is never worse than that."""

    log_odds: float
    model_weight: Annotated[
        Probability,
        Field(description="How far the model is believed beside the base rate, by its record."),
    ]
    base_rate: Annotated[
        Probability,
        Field(
            description="How often an offer came at this stage, whatever was observed; the "
            "baseline is of a case in which nothing was."
        ),
    ]


class Change(Schema):
    """What learning from outcomes changed in an estimate; log-odds add up likewise."""

    probability_before: Annotated[
        Probability, Field(description="What would be said had nothing been learnt.")
    ]
    log_odds: float
    baseline: float
    hold: float
    contributions: Annotated[
        list[float],
        Field(description="Of each contribution, in the order in which the estimate has them."),
    ]


class Estimate(Schema):
    """What the signals suggest, explained.

    The baseline, the contributions and the hold, where there is one, add up to the log-odds.
    """

    probability: Annotated[Probability, Field(description="That an offer will be made.")]
    interval: Interval
    band: Band
    log_odds: Annotated[float, Field(description="The same probability as natural log-odds.")]
    baseline: Baseline
    contributions: Annotated[
        list[Contribution], Field(description="One for each signal that was recorded.")
    ]
    coverage: Annotated[
        float, Field(ge=0, le=1, description="Share of the information there could be.")
    ]
    ask_next: Annotated[list[Question], Field(description="What would tell most, first.")]
    hold: Annotated[
        Hold | None,
        Field(
            description="How far what is usual here holds the estimate back; a part of the sum. "
            "Null before any outcome is known."
        ),
    ]
    direction_overturned: Annotated[
        list[SignalId],
        Field(description="Recorded signals that outcomes show to point the other way here."),
    ]
    change: Annotated[
        Change | None,
        Field(description="What learning changed. Null before any outcome, and in a what-if."),
    ]
    outcomes_learnt_from: Annotated[
        int, Field(ge=0, description="How many known outcomes the weights were learnt from.")
    ]
    nothing_learnt_because: Annotated[
        Fallback | None,
        Field(description="Why the outcomes that are known could not be learnt from."),
    ]
    provenance: Annotated[
        dict[str, str],
        Field(description="Where the numbers come from: `elicited` (judgement) or `learnt`."),
    ]
    model_version: str
    inputs_digest: Annotated[str, Field(description="The same inputs have the same digest.")]
    text: Annotated[str, Field(description="The estimate in words.")]


class Estimates(RootModel[list[Estimate]]):
    """One estimate for each case, in the order of the cases."""


class EstimateMade(Schema):
    """An estimate as it was made at some time; it never changes."""

    id: EstimateId
    application: ApplicationId
    made_at: Instant
    cause: Annotated[str, Field(description="The fact that led to it.")]
    estimate: Estimate


class SignalStep(Schema):
    """How one signal went from one interview to the next."""

    signal: SignalId
    before: Annotated[str | None, Field(description="Its level in the interview before.")]
    after: str
    direction: Annotated[
        Literal["better", "worse", "same", "new"],
        Field(description="`new`: not recorded in the interview before."),
    ]


class InterviewStep(Schema):
    """One interview, and how its signals compare with those of the one before."""

    interview: InterviewId
    round: Round
    recorded: Annotated[int, Field(description="How many signals were recorded in it.")]
    signals: list[SignalStep]


class EstimateStep(Schema):
    """An estimate at one time."""

    id: EstimateId
    made_at: Instant
    probability: Probability
    likely: Annotated[Span, Field(description="The 80 % interval.")]
    band: Band


class Development(Schema):
    """How an application went: signals from interview to interview, and estimates over time."""

    application: ApplicationId
    interviews: Annotated[list[InterviewStep], Field(description="In the order they were held.")]
    estimates: Annotated[list[EstimateStep], Field(description="The oldest first.")]


class ReliabilityBin(Schema):
    """The estimates between two probabilities, and how often an offer came of them."""

    low: Probability
    high: Probability
    count: int
    foretold: Annotated[Probability, Field(description="Mean of what was foretold.")]
    observed: Annotated[Probability, Field(description="Share of offers.")]
    interval: Annotated[Span, Field(description="Of that share, 90 %, Wilson's.")]


class ScoreShown(Schema):
    """A mean loss, lower is better, beside that of always naming the share of offers."""

    model: float
    base_rate: float
    gain: Annotated[float, Field(description="Above 0: better than the base rate.")]
    gain_interval: Annotated[
        list[float], Field(description="90 %, lowest and highest.", min_length=2, max_length=2)
    ]


class CalibrationFound(Schema):
    """How well estimates agreed with what happened."""

    base_rate: Probability
    error: Annotated[Probability, Field(description="Mean distance of foretold and observed.")]
    brier: ScoreShown
    log_loss: Annotated[ScoreShown, Field(description="In nats.")]
    bins: list[ReliabilityBin]


class Calibration(Schema):
    """Were the estimates right? Only what was foretold before its outcome was known counts."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {"outcomes", "floor", "found", "text"}
    )

    outcomes: Annotated[int, Field(description="How many such estimates there are.")]
    floor: Annotated[int, Field(description="Under so many nothing can be told from chance.")]
    found: Annotated[CalibrationFound | None, Field(description="Null: not yet.")]
    text: str


class Sharing(Schema):
    """Whether workspaces let each other know what signals are worth."""

    model_config = example({"is_shared": True})

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset({"is_shared"})

    is_shared: Annotated[
        Flag,
        Field(
            description="`true`: sums over 30 or more cases of this workspace go to others that "
            "share, and theirs are learnt from here. No case ever leaves a workspace."
        ),
    ]


class ModelCard(Schema):
    """What the model behind the estimates is, and what it cannot do."""

    name: str
    version: str
    target: str
    outcomes_learnt_from: int
    provenance: dict[str, str]
    summary: str
    cannot: list[str]
    sources: list[str]
    is_shared: Annotated[
        bool,
        Field(description="Whether it learns from sums of other workspaces, and they from it."),
    ]
    workspaces_pooled: Annotated[int, Field(description="Whose sums it began with.")]
    overturned: Annotated[
        list[SignalId], Field(description="Signals that outcomes show to point the other way here.")
    ]
    nothing_learnt_because: Fallback | None
    base_rates: Annotated[
        dict[Literal["first", "second", "final"], Probability],
        Field(
            description="The baseline of a case by the round it reached, had it no other rounds. "
            "Not how often an offer comes: in most cases something is observed."
        ),
    ]
    signals: list["ModelSignal"]


class ModelSignal(Schema):
    """What the model believes about one signal: the ratios as they were judged, and their worth."""

    id: SignalId
    kind: Literal["sign", "cue"]
    log_likelihood_ratios: Annotated[
        dict[str, float], Field(description="By level; natural logarithm, as judged.")
    ]
    worth: Annotated[
        float,
        Field(description="What these are multiplied by here; moves as outcomes are learnt from."),
    ]
