"""One world and one seed: all learn from the same outcomes and are asked about the same cases."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from app.scoring import ELICITED, learn
from benchmarks.scoring.measures import Measured, ours, outcomes_of, theirs
from benchmarks.scoring.peers import PEERS
from benchmarks.scoring.streams import Excess, excess_of
from benchmarks.scoring.worlds import FAMILIES, Drift, Sample

OURS: Final = "ours"


class Plan(NamedTuple):
    """How much is measured."""

    sizes: tuple[int, ...]  # outcomes to learn from
    asked: int  # cases to be asked about
    stream: int  # outcomes over which the guard's bound is followed, one by one


class Found(NamedTuple):
    """What one forecaster reached from so many outcomes."""

    forecaster: str
    outcomes: int
    measured: Measured


class Trial(NamedTuple):
    """All that one world and one seed gave."""

    family: str
    found: tuple[Found, ...]
    excess: Excess


def trial(family: str, seed: int, plan: Plan) -> Trial:
    """Draw a world of the family, learn in it, and ask."""
    dice = np.random.default_rng([seed, list(FAMILIES).index(family)])
    world = FAMILIES[family](dice)
    asked = (world.worlds[-1] if isinstance(world, Drift) else world).sample(dice, plan.asked)
    found: list[Found] = []
    for size in plan.sizes:
        found += _found(world.sample(dice, size), asked)
    return Trial(family, tuple(found), excess_of(world.sample(dice, plan.stream)))


def _found(learnt: Sample, asked: Sample) -> Iterator[Found]:
    size = len(learnt.stage)
    cases = [asked.of_case(at) for at in range(len(asked.stage))]
    posterior = learn(outcomes_of(learnt)) if size else ELICITED
    yield Found(OURS, size, ours(posterior, cases, asked))
    for name, peer in PEERS.items():
        if size or peer.__name__ == "plain_naive_bayes":
            yield Found(name, size, theirs(peer(learnt, asked), asked))
