"""Twenty-five workspaces that are alike and not the same: what one gains from the others' sums."""

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from app.scoring import ELICITED, Outcome, Posterior, learn, pool, summarise
from benchmarks.scoring.measures import Measured, ours, outcomes_of
from benchmarks.scoring.worlds import Dice, World, warmth_and_mood

WORKSPACES: Final = 25
OF_EACH_OTHER: Final = 100
_BASE_SD: Final = 0.35  # by which the base rates of the workspaces differ, in log-odds
_TILT_SD: Final = 0.3  # and the strength of each signal, beside what it is on average


class Pooled(NamedTuple):
    """One workspace, on its own and with the sums of all others."""

    outcomes: int
    alone: Measured
    pooled: Measured


def hierarchy(seed: int, sizes: tuple[int, ...], asked: int) -> list[Pooled]:
    """Ask one workspace that has learnt from so many outcomes, while the others have a hundred."""
    dice = np.random.default_rng([seed, WORKSPACES])
    common = warmth_and_mood(dice)
    others = [_variant(common, dice) for _ in range(WORKSPACES - 1)]
    summaries = [summarise(outcomes_of(each.sample(dice, OF_EACH_OTHER))) for each in others]
    start = pool([each for each in summaries if each is not None])
    here = _variant(common, dice)
    questions = here.sample(dice, asked)
    cases = [questions.of_case(at) for at in range(asked)]
    found = []
    for size in sizes:
        outcomes = outcomes_of(here.sample(dice, size))
        alone, pooled = (
            ours(_learnt(outcomes, prior), cases, questions) for prior in (ELICITED, start)
        )
        found.append(Pooled(size, alone, pooled))
    return found


def _learnt(outcomes: list[Outcome], prior: Posterior) -> Posterior:
    return learn(outcomes, prior) if outcomes else prior


def _variant(world: World, dice: Dice) -> World:
    shifted = world.base + dice.normal(0.0, _BASE_SD)
    factors = np.clip(dice.normal(1.0, _TILT_SD, world.tilts.shape[1]), 0.1, None)
    return replace(world, base=shifted, tilts=world.tilts * factors)
