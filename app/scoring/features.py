"""From a case to the numbers the model multiplies.

Favourable and unfavourable values are added up over all interviews, each side
on its own, and each side saturates: the eleventh agreeing sign says far less
than the first, because all of them mostly report one good conversation.
"""

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

from app.scoring.arithmetic import saturation
from app.scoring.case import Case, Interview, Round, weight_of
from app.scoring.signals import CATALOGUE, Level, Signal, SignalId, signal_of

STAGE_PLACES: Final = {stage: place for place, stage in enumerate(Round)}
FURTHER_ROUNDS_PLACE: Final = len(STAGE_PLACES)
FIRST_SIGNAL_PLACE: Final = FURTHER_ROUNDS_PLACE + 1
TOTAL_PLACE: Final = FIRST_SIGNAL_PLACE + len(CATALOGUE)
PARAMETERS: Final = (
    *(f"stage.{stage}" for stage in Round),
    "further_rounds",
    *(f"signal.{row.id}" for row in CATALOGUE),
    "total",
)
"""The coordinates of every mean, factor and feature vector, in this order."""


class Observation(NamedTuple):
    """One recorded signal of one interview, ready to be multiplied."""

    interview: str
    signal: SignalId
    level: Level
    parameter: int  # place of the worth of this signal among PARAMETERS
    value: float  # its log-likelihood ratio times the weight of the interview, in nats


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a case says, weighed; the strengths are sums of values and never negative."""

    stage: Round
    further_rounds: int
    observations: tuple[Observation, ...]  # by interview, then in the order of the catalogue
    favourable: float
    unfavourable: float
    favourable_share: float  # what saturation leaves of each favourable value
    unfavourable_share: float

    def share_of(self, value: float) -> float:
        """Return the part of its worth that a value of this sign keeps under saturation."""
        return self.favourable_share if value > 0.0 else self.unfavourable_share


def evidence_of(case: Case) -> Evidence:
    """Weigh what was recorded; raise UnknownSignalError or UnknownLevelError on foreign words."""
    stage = case.stage
    observations = tuple(seen for held in case.interviews for seen in _observations(held, stage))
    favourable = math.fsum(seen.value for seen in observations if seen.value > 0.0)
    unfavourable = math.fsum(-seen.value for seen in observations if seen.value < 0.0)
    return Evidence(
        stage=stage,
        further_rounds=case.further_rounds,
        observations=observations,
        favourable=favourable,
        unfavourable=unfavourable,
        favourable_share=saturation(favourable),
        unfavourable_share=saturation(unfavourable),
    )


def features_of(evidence: Evidence) -> list[float]:
    """Return the feature vector of a case, one number for each of PARAMETERS."""
    features = [0.0] * len(PARAMETERS)
    features[STAGE_PLACES[evidence.stage]] = 1.0
    features[FURTHER_ROUNDS_PLACE] = float(evidence.further_rounds)
    # Smallest first, so that the order of the interviews cannot show in the last bit.
    for seen in sorted(evidence.observations, key=_value):
        features[seen.parameter] += evidence.share_of(seen.value) * seen.value
    features[TOTAL_PLACE] = evidence.favourable - evidence.unfavourable
    return features


def _observations(interview: Interview, stage: Round) -> list[Observation]:
    weight = weight_of(interview, stage)
    rows = sorted(map(signal_of, interview.signals), key=_place)
    return [_observation(interview, row, weight) for row in rows]


def _observation(interview: Interview, row: Signal, weight: float) -> Observation:
    level = interview.signals[row.id]
    value = weight * row.value_of(level)
    return Observation(interview.id, row.id, level, FIRST_SIGNAL_PLACE + row.place, value)


def _place(row: Signal) -> int:
    return row.place


def _value(seen: Observation) -> float:
    return seen.value
