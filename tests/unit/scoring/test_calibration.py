"""Calibration: forecasts compared with outcomes."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scoring import FLOOR, Calibration, Forecast, calibration_of, wilson

DICE = random.Random(7)  # noqa: S311 (a repeatable example, no secret)
RIGHT = [
    Forecast(chance, DICE.random() < chance) for chance in [DICE.random() for _ in range(2000)]
]


def found(forecasts: list[Forecast]) -> Calibration:
    calibration = calibration_of(forecasts)
    assert calibration is not None
    return calibration


def test_S15_under_thirty_outcomes_the_answer_is_not_yet() -> None:
    assert FLOOR == 30
    assert calibration_of(RIGHT[:29]) is None
    assert found(RIGHT[:30]).outcomes == 30


def test_S15_right_forecasts_lie_on_the_diagonal_and_beat_the_base_rate() -> None:
    calibration = found(RIGHT)

    assert calibration.error < 0.04
    for each in calibration.bins:
        assert each.interval[0] - 0.05 < each.forecast < each.interval[1] + 0.05
    assert calibration.brier.gain_interval[0] > 0.0
    assert calibration.log_loss.gain_interval[0] > 0.0


def test_S15_forecasts_the_wrong_way_round_are_worse_than_the_base_rate_beyond_doubt() -> None:
    calibration = found([Forecast(1.0 - each.probability, each.offered) for each in RIGHT])

    assert calibration.error > 0.3
    assert calibration.brier.gain_interval[1] < 0.0
    assert calibration.log_loss.gain_interval[1] < 0.0


def test_S15_who_names_the_base_rate_every_time_gains_nothing() -> None:
    told = [Forecast(0.25, at % 4 == 0) for at in range(40)]

    calibration = found(told)

    assert calibration.base_rate == 0.25
    assert calibration.brier.gain == calibration.log_loss.gain == 0.0
    assert calibration.brier.model == pytest.approx(0.25 * 0.75)
    assert calibration.log_loss.model == pytest.approx(
        -0.25 * math.log(0.25) - 0.75 * math.log(0.75)
    )
    assert [(each.low, each.high, each.count) for each in calibration.bins] == [(0.2, 0.3, 40)]


def test_S15_scores_are_the_textbook_ones() -> None:
    told = [Forecast(0.8, offered=True)] * 20 + [Forecast(0.3, offered=False)] * 20

    calibration = found(told)

    assert calibration.brier.model == pytest.approx((0.2**2 + 0.3**2) / 2)
    assert calibration.log_loss.model == pytest.approx(-(math.log(0.8) + math.log(0.7)) / 2)
    assert calibration.log_loss.base_rate == pytest.approx(math.log(2.0))
    assert calibration.error == pytest.approx((0.2 + 0.3) / 2)


def test_S15_more_outcomes_make_the_gain_surer() -> None:
    few, many = found(RIGHT[:100]).brier.gain_interval, found(RIGHT).brier.gain_interval

    assert many[1] - many[0] < 0.5 * (few[1] - few[0])


@given(st.permutations(RIGHT[:40]))
def test_S15_the_order_of_forecasts_is_of_no_account(shuffled: list[Forecast]) -> None:
    assert calibration_of(shuffled) == calibration_of(RIGHT[:40])


def test_S15_a_forecast_that_was_sure_and_wrong_costs_much_and_not_everything() -> None:
    told = [Forecast(0.0, offered=True)] * 30

    loss = found(told).log_loss.model

    assert 15.0 < loss < 30.0
    assert found(told).log_loss.base_rate == 0.0


def test_S15_the_last_bin_holds_its_upper_end() -> None:
    (only,) = found([Forecast(1.0, offered=True)] * 30).bins

    assert (only.low, only.high, only.observed) == (0.9, 1.0, 1.0)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_S15_wilsons_interval_holds_the_share_and_stays_within_nothing_and_all(
    seen: tuple[int, int],
) -> None:
    successes, count = seen
    low, high = wilson(successes, count)

    assert 0.0 <= low <= successes / count + 1e-9
    assert successes / count - 1e-9 <= high <= 1.0
    assert high > low


def test_S15_wilsons_interval_is_the_one_in_the_books() -> None:
    assert wilson(9, 30) == pytest.approx((0.1845, 0.4480), abs=2e-3)


@given(st.lists(st.floats(0.0, 1.0), min_size=30, max_size=200))
def test_S15_no_bin_holds_so_few_that_one_could_tell_whose_they_are(told: list[float]) -> None:
    bins = found([Forecast(each, offered=each > 0.5) for each in told]).bins

    assert all(each.count >= 10 for each in bins)
    assert sum(each.count for each in bins) == len(told)
    for each in bins:
        assert each.low <= each.forecast <= each.high
    for one, next_one in pairwise(bins):
        assert one.high <= next_one.low
