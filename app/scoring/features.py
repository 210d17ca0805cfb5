"""From a case to the numbers the model multiplies.

Favourable and unfavourable values are added up over all interviews, each side
on its own, and each side saturates: the eleventh agreeing sign says far less
than the first, because all of them mostly report one good conversation.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, NamedTuple

from app.scoring.arithmetic import saturation
from app.scoring.case import Case, Interview, Round, weight_of
from app.scoring.signals import CATALOGUE, Level, SignalId, signal_of

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

_PLACED: Final = tuple(
    (FIRST_SIGNAL_PLACE + row.place, row.id, dict(row.values)) for row in CATALOGUE
)


class Observation(NamedTuple):
    """One recorded signal of one interview, ready to be multiplied."""

    interview: str
    signal: SignalId
    level: Level
    parameter: int  # place of the worth of this signal among PARAMETERS
    value: float  # its log-likelihood ratio times the weight of the interview, in nats


KeptOf = Callable[[Iterable[Observation]], list[float]]
_VALUE: Final = attrgetter("value")


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

    def kept_of(self, observations: Iterable[Observation]) -> list[float]:
        """Return what saturation leaves of each value while all worths are equal."""
        for_, against = self.favourable_share, self.unfavourable_share
        return [(for_ if value > 0.0 else against) * value for _, _, _, _, value in observations]


def evidence_of(case: Case) -> Evidence:
    """Weigh what was recorded; raise UnknownSignalError or UnknownLevelError on foreign words."""
    stage = case.stage
    observations = tuple(seen for held in case.interviews for seen in _observations(held, stage))
    values = [seen.value for seen in observations]
    favourable = math.fsum([value for value in values if value > 0.0])
    unfavourable = math.fsum([-value for value in values if value < 0.0])
    return Evidence(
        stage=stage,
        further_rounds=case.further_rounds,
        observations=observations,
        favourable=favourable,
        unfavourable=unfavourable,
        favourable_share=saturation(favourable),
        unfavourable_share=saturation(unfavourable),
    )


def features_of(evidence: Evidence, kept_of: KeptOf | None = None) -> list[float]:
    """Return the feature vector of a case, one number for each of PARAMETERS.

    `kept_of` says what saturation leaves of each value where worths have become different.
    """
    kept_of = kept_of or evidence.kept_of
    features = [0.0] * len(PARAMETERS)
    features[STAGE_PLACES[evidence.stage]] = 1.0
    features[FURTHER_ROUNDS_PLACE] = float(evidence.further_rounds)
    # Smallest first, so that the order of the interviews cannot show in the last bit.
    ordered = sorted(evidence.observations, key=_VALUE)
    for (_, _, _, parameter, _), kept in zip(ordered, kept_of(ordered), strict=True):
        features[parameter] += kept
    features[TOTAL_PLACE] = evidence.favourable - evidence.unfavourable
    return features


def _observations(interview: Interview, stage: Round) -> list[Observation]:
    signals, weight, name = interview.signals, weight_of(interview, stage), interview.id
    try:
        seen = [
            Observation(name, signal, level, place, weight * values[level])
            for place, signal, values in _PLACED
            if (level := signals.get(signal)) is not None
        ]
    except KeyError:
        seen = []
    if len(seen) < len(signals):
        for signal, level in signals.items():
            signal_of(signal).value_of(level)
    return seen
