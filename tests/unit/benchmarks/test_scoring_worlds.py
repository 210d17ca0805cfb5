"""The worlds that the estimate is measured in: their oracle must be right, or nothing is."""

import numpy as np
import pytest

from benchmarks.scoring.measures import area, calibration_error, regret
from benchmarks.scoring.streams import hostile_streams
from benchmarks.scoring.worlds import FAMILIES, Drift

SIZE = 4_000


@pytest.mark.parametrize("family", FAMILIES)
def test_the_oracle_of_a_world_is_right_from_low_to_high(family: str) -> None:
    dice = np.random.default_rng(3)
    world = FAMILIES[family](dice)
    drawn = (world.worlds[-1] if isinstance(world, Drift) else world).sample(dice, SIZE)

    for part in np.array_split(np.argsort(drawn.truth), 5):
        off = drawn.offered[part].mean() - drawn.truth[part].mean()
        spread = np.sqrt((drawn.truth[part] * (1.0 - drawn.truth[part])).sum()) / len(part)
        assert abs(off) < 4.0 * spread


@pytest.mark.parametrize("family", FAMILIES)
def test_a_world_comes_out_the_same_from_the_same_seed(family: str) -> None:
    one, other = (
        FAMILIES[family](dice).sample(dice, 50)
        for dice in (np.random.default_rng(8), np.random.default_rng(8))
    )

    assert all((a == b).all() for a, b in zip(one, other, strict=True))


def test_the_oracle_itself_has_no_regret_and_whoever_differs_has() -> None:
    truth = np.array([0.1, 0.5, 0.9])

    assert regret(truth, truth) == 0.0
    assert regret(np.array([0.2, 0.5, 0.9]), truth) == pytest.approx(
        1000.0 / 3.0 * (0.1 * np.log(0.5) + 0.9 * np.log(0.9 / 0.8))
    )


def test_a_calibration_error_is_the_distance_from_the_truth_within_each_bin() -> None:
    assert calibration_error(np.array([0.21, 0.29]), np.array([0.29, 0.21])) == pytest.approx(0.0)
    assert calibration_error(np.array([0.2, 0.8]), np.array([0.3, 0.6])) == pytest.approx(0.15)


def test_an_area_counts_pairs_and_half_of_those_that_are_equal() -> None:
    offered = np.array([True, False, True, False])

    assert area(np.array([0.9, 0.1, 0.8, 0.2]), offered) == 1.0
    assert area(np.array([0.1, 0.9, 0.2, 0.8]), offered) == 0.0
    assert area(np.full(4, 0.3), offered) == 0.5


def test_a_hostile_stream_has_cases_that_can_be_estimated() -> None:
    for _, stream in hostile_streams(8):
        good, bad = stream.of_case(0), stream.of_case(1)
        assert len(good.interviews[0].signals) == len(bad.interviews[0].signals) == 16
        assert good != bad
