"""Request and response schemas of estimates and of their model."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, RootModel, model_validator

from app.core.http.field_types import Flag, Instant
from app.core.http.schemas import Schema, example, left_out
from app.kit.ids import ApplicationId, EstimateId, InterviewId
from app.reflection.debriefs.schemas import Signals
from app.scoring import Band, Fallback, Round, SignalId

Probability = Annotated[float, Field(ge=0, le=1)]


class SimulatedInterview(Schema):
    """A hypothetical interview: its round and the signals observed in it."""

    round: Round
    signals: Signals = Field(default_factory=Signals)


class SimulatedCase(Schema):
    """The interviews of one hypothetical application, in the order they were held."""

    interviews: Annotated[list[SimulatedInterview], Field(max_length=20)]


class SimulationCreate(Schema):
    """One case (`interviews`), or many (`cases`)."""

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

    interviews: Annotated[list[SimulatedInterview], Field(max_length=20)] = left_out()
    cases: Annotated[list[SimulatedCase], Field(max_length=1000)] = left_out()

    @model_validator(mode="after")
    def _one_or_many(self) -> Self:
        if len(self.model_fields_set) != 1:
            message = "send either `interviews` (one case) or `cases` (many)"
            raise ValueError(message)
        return self


class Interval(Schema):
    """An interval that contains the true value with the probability `level`."""

    level: Annotated[float, Field(gt=0, lt=1, examples=[0.8])]
    low: float
    high: float


class Baseline(Schema):
    """The estimate without any observed signal, for the same rounds."""

    probability: Probability
    log_odds: float


class Contribution(Schema):
    """The contribution of one observed signal to the log-odds."""

    signal: SignalId
    interview: Annotated[
        str, Field(description="The interview's id; in a simulation its number, counted from 1.")
    ]
    level: str
    log_odds: Annotated[float, Field(description="Natural log-odds; positive is towards an offer.")]
    text: str


class Question(Schema):
    """A signal that is not recorded yet, and its expected information gain."""

    signal: SignalId
    interview: str
    gain: Annotated[
        float, Field(ge=0, description="Expected information about the outcome, in nats.")
    ]
    text: str


class Shrinkage(Schema):
    """Shrinkage of the estimate towards the base rate, so that it is never worse than that."""

    log_odds: float
    model_weight: Annotated[
        Probability,
        Field(
            description="Weight of the model in its mixture with the base rate, by how well each "
            "forecast the known outcomes."
        ),
    ]
    base_rate: Annotated[
        Probability,
        Field(
            description="Share of offers at this stage, whatever was observed. The baseline is "
            "that of a case in which nothing was observed."
        ),
    ]


class Change(Schema):
    """The change of an estimate by learning from outcomes; its parts add up to `log_odds`."""

    probability_before: Annotated[
        Probability, Field(description="The estimate without learning from outcomes.")
    ]
    log_odds: float
    baseline: float
    shrinkage: float
    contributions: Annotated[
        list[float],
        Field(description="Change of each contribution, in the order of the estimate."),
    ]


class Estimate(Schema):
    """The estimate of an application's outcome, with its explanation.

    The baseline, the contributions and `shrinkage` (if not null) add up to the log-odds.
    """

    probability: Annotated[Probability, Field(description="Probability of an offer.")]
    intervals: Annotated[
        list[Interval],
        Field(description="Of the probability: the 80 % interval, then the 95 % interval."),
    ]
    band: Band
    log_odds: Annotated[float, Field(description="The same probability as natural log-odds.")]
    baseline: Baseline
    contributions: Annotated[list[Contribution], Field(description="One for each recorded signal.")]
    coverage: Annotated[
        float, Field(ge=0, le=1, description="Recorded share of the possible information.")
    ]
    next_questions: Annotated[
        list[Question], Field(description="Signals to record next, the most informative first.")
    ]
    shrinkage: Annotated[
        Shrinkage | None,
        Field(
            description="Shrinkage towards the base rate, a term of the sum. Null before any "
            "outcome is known."
        ),
    ]
    reversed_signals: Annotated[
        list[SignalId],
        Field(
            description="Recorded signals that, according to the outcomes, point the other way in "
            "this workspace."
        ),
    ]
    change: Annotated[
        Change | None,
        Field(description="Change by learning. Null before any outcome, and in a simulation."),
    ]
    outcomes_learnt_from: Annotated[
        int, Field(ge=0, description="Number of known outcomes that the model was trained on.")
    ]
    fallback_reason: Annotated[
        Fallback | None,
        Field(description="Why nothing could be learnt from outcomes; otherwise null."),
    ]
    provenance: Annotated[
        dict[str, str],
        Field(
            description="Source of the parameters: `elicited` (judgement), `pooled` or `learnt`."
        ),
    ]
    model_version: str
    inputs_digest: Annotated[
        str, Field(description="Digest of the inputs; equal inputs have equal digests.")
    ]
    text: Annotated[str, Field(description="The estimate as a text.")]


class Estimates(RootModel[list[Estimate]]):
    """One estimate for each case, in the order of the cases."""


class StoredEstimate(Schema):
    """A stored estimate. It never changes."""

    id: EstimateId
    application: ApplicationId
    made_at: Instant
    cause: Annotated[str, Field(description="Name of the event that led to the estimate.")]
    estimate: Estimate


class SignalStep(Schema):
    """The change of one signal from one interview to the next."""

    signal: SignalId
    before: Annotated[str | None, Field(description="The level in the interview before.")]
    after: str
    direction: Annotated[
        Literal["better", "worse", "same", "new"],
        Field(description="`new`: not recorded in the interview before."),
    ]


class InterviewStep(Schema):
    """One interview, with its signals compared with those of the interview before."""

    interview: InterviewId
    round: Round
    recorded: Annotated[int, Field(description="Number of signals recorded in the interview.")]
    signals: list[SignalStep]


class EstimateStep(Schema):
    """An estimate at one time."""

    id: EstimateId
    made_at: Instant
    probability: Probability
    intervals: Annotated[
        list[Interval],
        Field(description="Of the probability: the 80 % interval, then the 95 % interval."),
    ]
    band: Band


class Development(Schema):
    """Development of an application: signals by interview, and estimates over time."""

    application: ApplicationId
    interviews: Annotated[list[InterviewStep], Field(description="In the order they were held.")]
    estimates: Annotated[list[EstimateStep], Field(description="Oldest first.")]


class ReliabilityBin(Schema):
    """The forecasts between two probabilities, and the share of offers among them."""

    low: Probability
    high: Probability
    count: int
    forecast: Annotated[Probability, Field(description="Mean forecast probability.")]
    observed: Annotated[Probability, Field(description="Share of offers.")]
    interval: Annotated[Interval, Field(description="90 % Wilson interval of the share of offers.")]


class Score(Schema):
    """A mean loss of the model and of always forecasting the base rate; lower is better."""

    model: float
    base_rate: float
    gain: Annotated[float, Field(description="Positive: the model is better than the base rate.")]
    gain_interval: Annotated[Interval, Field(description="90 % interval of the gain.")]


class CalibrationResult(Schema):
    """How well forecasts agree with outcomes."""

    base_rate: Probability
    error: Annotated[
        Probability,
        Field(description="Expected calibration error: mean distance of forecast and share."),
    ]
    brier: Score
    log_loss: Annotated[Score, Field(description="In nats.")]
    bins: list[ReliabilityBin]


class Calibration(Schema):
    """Calibration of the estimates. Only forecasts from before the outcome was known count."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {"outcomes", "minimum_outcomes", "result", "text"}
    )

    outcomes: Annotated[int, Field(description="Number of forecasts with a known outcome.")]
    minimum_outcomes: Annotated[
        int, Field(description="Minimum of outcomes; fewer cannot be distinguished from chance.")
    ]
    result: Annotated[
        CalibrationResult | None, Field(description="Null while there are too few outcomes.")
    ]
    text: str


class Sharing(Schema):
    """Whether the workspace learns from others and lets them learn from it."""

    model_config = example({"is_shared": True})

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset({"is_shared"})

    is_shared: Annotated[
        Flag,
        Field(
            description="`true`: sums over 30 or more cases of this workspace are available to "
            "others that share, and this workspace learns from theirs. No case leaves a workspace."
        ),
    ]


class ModelCard(Schema):
    """The model behind the estimates: its parameters, sources and limitations."""

    name: str
    version: str
    target: str
    outcomes_learnt_from: int
    provenance: dict[str, str]
    summary: str
    limitations: list[str]
    sources: list[str]
    is_shared: Annotated[
        bool,
        Field(description="Whether the workspace shares sums with other workspaces."),
    ]
    workspaces_pooled: Annotated[
        int, Field(description="Number of workspaces whose sums are in the prior.")
    ]
    reversed_signals: Annotated[
        list[SignalId],
        Field(description="Signals that, according to the outcomes, point the other way here."),
    ]
    fallback_reason: Fallback | None
    base_rates: Annotated[
        dict[Literal["first", "second", "final"], Probability],
        Field(
            description="The baseline of a case by the round it reached, without other rounds. It "
            "is not the share of offers, because in most cases something is observed."
        ),
    ]
    signals: list["ModelSignal"]


class ModelSignal(Schema):
    """Parameters of one signal: its elicited log-likelihood ratios and their coefficient."""

    id: SignalId
    kind: Literal["sign", "cue"]
    log_likelihood_ratios: Annotated[
        dict[str, float], Field(description="Natural logarithm by level, as elicited.")
    ]
    worth: Annotated[
        float,
        Field(description="Coefficient of the ratios; changes with the outcomes learnt from."),
    ]
