"""Features: the vector of a case by which the model's parameters are multiplied.

Favourable and unfavourable values are added up separately over all interviews, and each sum
saturates. The eleventh agreeing sign says far less than the first, because all of them mostly
report one good conversation.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, NamedTuple

from app.scoring.arithmetic import saturation
from app.scoring.case import Case, Interview, Round, weight_of
from app.scoring.signals import CATALOGUE, Level, SignalId, signal_of

STAGE_INDEX: Final = {stage: index for index, stage in enumerate(Round)}
FURTHER_ROUNDS_INDEX: Final = len(STAGE_INDEX)
FIRST_SIGNAL_INDEX: Final = FURTHER_ROUNDS_INDEX + 1
TOTAL_INDEX: Final = FIRST_SIGNAL_INDEX + len(CATALOGUE)
PARAMETERS: Final = (
    *(f"stage.{stage}" for stage in Round),
    "further_rounds",
    *(f"signal.{row.id}" for row in CATALOGUE),
    "total",
)
"""Names of the parameters, in the order of every mean, factor and feature vector."""

_INDEXED_SIGNALS: Final = tuple(
    (FIRST_SIGNAL_INDEX + row.index, row.id, dict(row.values)) for row in CATALOGUE
)


class Observation(NamedTuple):
    """One recorded signal of one interview, with its weighted value."""

    interview: str
    signal: SignalId
    level: Level
    parameter: int  # index of the worth of this signal in PARAMETERS
    value: float  # log-likelihood ratio times the weight of the interview, in nats


SaturatedValues = Callable[[Iterable[Observation]], list[float]]
_VALUE: Final = attrgetter("value")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The weighted evidence of a case; the strengths are sums of values and never negative."""

    stage: Round
    further_rounds: int
    observations: tuple[Observation, ...]  # by interview, then in the order of the catalogue
    favourable: float
    unfavourable: float
    favourable_factor: float  # saturation factor of each favourable value
    unfavourable_factor: float

    def saturated_values(self, observations: Iterable[Observation]) -> list[float]:
        """Return the saturated values when all worths are equal."""
        positive, negative = self.favourable_factor, self.unfavourable_factor
        return [
            (positive if value > 0.0 else negative) * value for _, _, _, _, value in observations
        ]


def evidence_of(case: Case) -> Evidence:
    """Return the weighted evidence of a case.

    Raises UnknownSignalError or UnknownLevelError for signals and levels not in the catalogue.
    """
    stage = case.stage
    observations = tuple(
        observation
        for interview in case.interviews
        for observation in _observations(interview, stage)
    )
    values = [observation.value for observation in observations]
    favourable = math.fsum([value for value in values if value > 0.0])
    unfavourable = math.fsum([-value for value in values if value < 0.0])
    return Evidence(
        stage=stage,
        further_rounds=case.further_rounds,
        observations=observations,
        favourable=favourable,
        unfavourable=unfavourable,
        favourable_factor=saturation(favourable),
        unfavourable_factor=saturation(unfavourable),
    )


def features_of(evidence: Evidence, saturated_values: SaturatedValues | None = None) -> list[float]:
    """Return the feature vector of a case, one number for each of PARAMETERS.

    `saturated_values` saturates the values when the worths differ (see `saturation`).
    """
    saturated_values = saturated_values or evidence.saturated_values
    features = [0.0] * len(PARAMETERS)
    features[STAGE_INDEX[evidence.stage]] = 1.0
    features[FURTHER_ROUNDS_INDEX] = float(evidence.further_rounds)
    # Added in ascending order, so that the sum does not depend on the order of the interviews.
    ordered = sorted(evidence.observations, key=_VALUE)
    for (_, _, _, parameter, _), value in zip(ordered, saturated_values(ordered), strict=True):
        features[parameter] += value
    features[TOTAL_INDEX] = evidence.favourable - evidence.unfavourable
    return features


def _observations(interview: Interview, stage: Round) -> list[Observation]:
    signals, weight, name = interview.signals, weight_of(interview, stage), interview.id
    try:
        observations = [
            Observation(name, signal, level, index, weight * values[level])
            for index, signal, values in _INDEXED_SIGNALS
            if (level := signals.get(signal)) is not None
        ]
    except KeyError:
        observations = []
    if len(observations) < len(signals):  # find the unknown signal or level and raise its error
        for signal, level in signals.items():
            signal_of(signal).value_of(level)
    return observations
