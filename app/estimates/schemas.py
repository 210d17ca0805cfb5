"""How estimates look in the contract."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, RootModel, WithJsonSchema, model_validator

from app.core.schemas import Instant, Schema, example, left_out
from app.debriefs.schemas import Signals
from app.kit.ids import ApplicationId, EstimateId
from app.scoring import Band, Round, SignalId

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
    """Where the probability probably lies, eight and nineteen times in twenty."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    likely: Annotated[Span, Field(alias="80", description="The 80 % interval.")]
    wide: Annotated[Span, Field(alias="95", description="The 95 % interval.")]


class Baseline(Schema):
    """What would be estimated had nothing been observed."""

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


class Estimate(Schema):
    """What the signals suggest, explained: baseline and contributions add up to the log-odds."""

    probability: Annotated[Probability, Field(description="That an offer will be made.")]
    interval: Interval
    band: Band
    log_odds: float
    baseline: Baseline
    contributions: list[Contribution]
    coverage: Annotated[
        float, Field(ge=0, le=1, description="Share of the information there could be.")
    ]
    ask_next: Annotated[list[Question], Field(description="What would tell most, first.")]
    outcomes_learnt_from: Annotated[int, Field(ge=0)]
    provenance: Annotated[
        dict[str, str],
        Field(description="Where the numbers come from: `elicited` (judgement) or `learnt`."),
    ]
    model_version: str
    inputs_digest: str
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
    base_rates: Annotated[
        dict[Literal["first", "second", "final"], Probability],
        Field(description="Probability of an offer by the round reached, nothing observed."),
    ]
    signals: list["ModelSignal"]


class ModelSignal(Schema):
    """What the model believes about one signal before it has learnt anything."""

    id: SignalId
    kind: Literal["sign", "cue"]
    log_likelihood_ratios: Annotated[
        dict[str, float], Field(description="By level; natural logarithm.")
    ]
