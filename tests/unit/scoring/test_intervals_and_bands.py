"""Intervals and bands of an estimate."""

import math

import pytest
from hypothesis import given

from app.scoring import (
    ELICITED,
    Band,
    Case,
    Level,
    Round,
    SignalId,
    band_of,
    estimate,
    interval_around,
)
from app.scoring.features import evidence_of, features_of
from tests.support.scoring_cases import (
    CLEAR_SIGNS,
    NO_SLIPS,
    cases,
    one_interview,
)

NARROW = (0.3, 0.6)


@given(cases())
def test_S14_the_95_percent_interval_holds_the_80_which_holds_the_estimate(case: Case) -> None:
    result = estimate(case)

    (low, high), (lowest, highest) = result.interval["80"], result.interval["95"]
    assert 0.0 <= lowest <= low <= result.probability <= high <= highest <= 1.0


@given(cases())
def test_S14_any_other_interval_can_be_had_from_the_estimate(case: Case) -> None:
    result = estimate(case)

    assert result.interval_at(0.8) == result.interval["80"]
    assert result.interval_at(0.95) == result.interval["95"]


@given(cases())
def test_the_model_doubts_itself_more_the_further_it_strays_from_the_baseline(case: Case) -> None:
    result = estimate(case)

    strayed = 0.25 * (result.log_odds - result.baseline.log_odds)
    variance = ELICITED.variance(features_of(evidence_of(case)))
    assert result.log_odds_sd == pytest.approx(math.sqrt(variance + 0.2**2 + strayed**2), abs=1e-8)


def test_the_elicited_variance_of_a_bare_base_rate_is_its_shared_and_own_part() -> None:
    bare = features_of(evidence_of(Case()))

    assert ELICITED.variance(bare) == pytest.approx(0.55**2 + 0.2**2)


def test_every_further_round_held_adds_doubt() -> None:
    once, twice = one_interview({}, Round.FINAL), one_interview({}, Round.FIRST)
    both = Case(once.interviews + twice.interviews)

    added = estimate(both).log_odds_sd ** 2 - estimate(once).log_odds_sd ** 2

    assert added == pytest.approx(0.3**2)


def test_agreeing_signs_widen_the_interval_because_their_worth_is_not_known() -> None:
    one = estimate(one_interview({SignalId.CLEAR_NEXT_STEPS: Level.CLEARLY}))
    eleven = estimate(one_interview(CLEAR_SIGNS))

    assert eleven.log_odds_sd > one.log_odds_sd > estimate(Case()).log_odds_sd


@pytest.mark.parametrize("mass", [0.0, 1.0, -0.1, 95.0])
def test_an_interval_must_hold_a_share_between_nothing_and_all(mass: float) -> None:
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        interval_around(0.0, 1.0, mass)


@pytest.mark.parametrize(
    ("probability", "band"),
    [
        (0.0, Band.UNLIKELY),
        (0.199, Band.UNLIKELY),
        (0.2, Band.POSSIBLE),
        (0.499, Band.POSSIBLE),
        (0.5, Band.LIKELY),
        (0.799, Band.LIKELY),
        (0.8, Band.VERY_LIKELY),
        (1.0, Band.VERY_LIKELY),
    ],
)
def test_S14_a_band_begins_at_its_lower_end(probability: float, band: Band) -> None:
    assert band_of(probability, NARROW, 1.0) is band


def test_S14_it_is_too_early_under_a_quarter_of_the_information() -> None:
    assert band_of(0.4, NARROW, 0.249) is Band.TOO_EARLY
    assert band_of(0.4, NARROW, 0.25) is Band.POSSIBLE


def test_S14_it_is_too_early_when_the_interval_spans_more_than_half() -> None:
    assert band_of(0.4, (0.125, 0.626), 1.0) is Band.TOO_EARLY
    assert band_of(0.4, (0.125, 0.625), 1.0) is Band.POSSIBLE


def test_S14_with_nothing_recorded_it_is_too_early_to_say() -> None:
    assert estimate(Case()).band is Band.TOO_EARLY


def test_S14_even_eleven_clear_signs_are_too_early_before_any_outcome_is_known() -> None:
    result = estimate(one_interview({**CLEAR_SIGNS, **NO_SLIPS}))

    low, high = result.interval["80"]
    assert result.coverage == 1.0
    assert high - low > 0.5
    assert result.band is Band.TOO_EARLY
