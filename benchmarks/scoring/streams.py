"""Never worse than the base rate: what the served estimates lose over a stream, outcome by outcome.

Every estimate is made as it would have been that day, by a model that was
learnt from the outcomes before it.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from app.scoring import CATALOGUE, Kind, estimate, learn
from benchmarks.scoring.measures import outcomes_of
from benchmarks.scoring.worlds import NOT_HELD, ROUNDS, Flags, Sample

ABSENT: Final = 0
CLEARLY: Final = 2
LIMIT: Final = math.log(2.0)
SLACK: Final = 0.001
"""In nats over a whole stream: what rounding may add."""


class Excess(NamedTuple):
    """What a stream cost beside the better of the model alone and the base rate, in nats."""

    served: float
    model: float
    base_rate: float

    @property
    def beyond(self) -> float:
        """By how much it was more than that of the better one."""
        return self.served - min(self.model, self.base_rate)

    @property
    def is_bound(self) -> bool:
        """Whether that is ln 2 at most."""
        return self.beyond <= LIMIT + SLACK


def excess_of(stream: Sample) -> Excess:
    """Follow a stream from its second outcome on: before the first there is nothing to hold to."""
    outcomes = outcomes_of(stream)
    served = model = base_rate = 0.0
    for at in range(1, len(outcomes)):
        case, offered = stream.of_case(at), outcomes[at].offered
        learnt = learn(outcomes[:at])
        made = estimate(case, learnt, with_questions=False)
        alone = estimate(case, replace(learnt, guard=None), with_questions=False)
        held_to = made.shrinkage.base_rate if made.shrinkage else math.nan
        served += _loss(made.probability, offered=offered)
        model += _loss(alone.probability, offered=offered)
        base_rate += _loss(held_to, offered=offered)
    return Excess(served, model, base_rate)


def hostile_streams(size: int) -> Iterator[tuple[str, Sample]]:
    """Give streams made against the model: signs that lie at once, or once they are believed."""
    lies = np.arange(size) % 2 == 0
    yield "signs that always lie", _told(lies, ~lies)
    half = np.arange(size) < size // 2
    yield "signs that lie once believed", _told(lies, np.where(half, lies, ~lies))
    yield "signs that lie every other time", _told(lies, np.arange(size) % 4 < 2)  # noqa: PLR2004
    yield "never an offer", _told(lies, np.zeros(size, dtype=np.bool_))
    yield "always an offer", _told(lies, np.ones(size, dtype=np.bool_))


def _told(good: Flags, offered: Flags) -> Sample:
    """Return first interviews that went well in everything or in nothing, and what came of them."""
    size = len(good)
    levels = np.full((size, len(ROUNDS), len(CATALOGUE)), NOT_HELD)
    is_sign = np.array([row.kind is Kind.SIGN for row in CATALOGUE])
    levels[:, 0] = np.where(good[:, None] == is_sign, CLEARLY, ABSENT)
    certain = np.ones(size, dtype=np.bool_)
    return Sample(
        np.zeros(size, dtype=np.int64), levels, offered, offered.astype(np.float64), certain
    )


def _loss(probability: float, *, offered: bool) -> float:
    return -math.log(probability if offered else 1.0 - probability)
