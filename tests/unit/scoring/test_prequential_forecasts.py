"""Prequential forecasts: the cache of runs does not change any forecast."""

import random

import pytest

from app.scoring import ELICITED, Outcome, learn, to_plain
from app.scoring.learning import normal_of
from app.scoring.outcomes import training_set
from app.scoring.prequential_forecasts import ForecastCache, model_forecasts
from tests.support.scoring_streams import (
    drawn,
    honest,
    hostile,
    packed,
    reversed_,
)

PRIOR = normal_of(ELICITED)
STREAMS = {
    "honest": drawn(21, 330, honest),
    "reversed": drawn(22, 330, reversed_),
    "hostile": hostile(330),  # the posterior moves far: blocks end early
}


def forecasts(
    outcomes: list[Outcome], cache: ForecastCache, half_life: float | None = None
) -> bytes:
    rows, _ = training_set(outcomes, half_life=half_life)
    return model_forecasts(rows, PRIOR, cache).tobytes()


def remembered(outcomes: list[Outcome], cache: ForecastCache) -> int:
    """How many forecasts need not be computed again."""
    rows, _ = training_set(outcomes)
    return cache.resume(rows, PRIOR).checkpoints[-1].start


@pytest.mark.slow
@pytest.mark.parametrize("name", STREAMS)
def test_S15_a_memory_changes_no_bit_of_a_forecast(name: str) -> None:
    outcomes, cache = packed(STREAMS[name]), ForecastCache()
    dice = random.Random(23)  # noqa: S311 - a series to repeat, not a secret
    for size in [*range(1, 130, 9), *range(130, 331, 13)]:
        known = outcomes[:size]
        gone = dice.randrange(size)
        for part in (known, known[:gone] + known[gone + 1 :], known):  # one is erased, and is back
            if part:
                assert forecasts(part, cache) == forecasts(part, ForecastCache())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["reversed", "hostile"])
def test_S15_nor_where_a_block_had_ended_early_for_what_is_no_longer_there(name: str) -> None:
    outcomes, cache = packed(STREAMS[name]), ForecastCache()
    for size in range(102, 330, 5):
        forecasts(outcomes, cache)
        assert forecasts(outcomes[:size], cache) == forecasts(outcomes[:size], ForecastCache())


def test_one_outcome_more_costs_one_block_more() -> None:
    outcomes, cache = packed(STREAMS["honest"]), ForecastCache()
    forecasts(outcomes[:300], cache)
    assert 300 - 64 - 16 <= remembered(outcomes[:301], cache) <= 300


def test_what_comes_after_a_change_is_made_anew() -> None:
    outcomes, cache = packed(STREAMS["honest"]), ForecastCache()
    forecasts(outcomes, cache)
    assert remembered(outcomes[:150] + outcomes[151:], cache) <= 150
    assert remembered(outcomes[1:], cache) == 0


def test_where_outcomes_fade_nothing_is_remembered() -> None:
    outcomes, cache = packed(STREAMS["honest"][:120]), ForecastCache()
    faded = forecasts(outcomes, cache, half_life=30.0)
    assert remembered(outcomes, cache) == 0
    plain = forecasts(outcomes, cache)
    assert forecasts(outcomes, cache, half_life=30.0) == faded != plain


def test_only_the_last_walks_are_remembered() -> None:
    one, two, three = (packed(drawn(seed, 30, honest)) for seed in (31, 32, 33))
    cache = ForecastCache(max_runs=2)
    for each in (one, two, one, three):
        forecasts(each, cache)
    assert [remembered(each, cache) > 0 for each in (one, two, three)] == [True, False, True]


def test_S15_a_model_is_the_same_whatever_was_learnt_before_it() -> None:
    outcomes = packed(STREAMS["honest"])
    at_once = to_plain(learn(outcomes[:250]))
    for size in (260, 330, 240):
        learn(outcomes[:size])
    assert to_plain(learn(outcomes[:250])) == at_once
