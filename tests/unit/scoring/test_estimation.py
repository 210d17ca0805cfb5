"""Estimates under the elicited prior, from one interview and from several."""

import math
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scoring import (
    ELICITED,
    PARAMETERS,
    Case,
    Interview,
    Level,
    Posterior,
    Round,
    Signal,
    SignalId,
    estimate,
    estimates,
)
from tests.support.scoring_cases import (
    ALL_BAD,
    CLEAR_SIGNS,
    NO_SLIPS,
    RECRUITER,
    Recorded,
    cases,
    one_interview,
    open_questions,
    with_answer,
)

ENGAGED: Recorded = {SignalId.INTERVIEWER_ENGAGED: Level.CLEARLY}


def shown(case: Case) -> float:
    return round(estimate(case).probability, 3)


def learnt(seed: int) -> Posterior:
    """A posterior such as learning might hand over: every parameter moved, a dense factor."""
    dice = random.Random(seed)  # noqa: S311 (a repeatable example, no secret)
    size = len(PARAMETERS)
    return Posterior(
        mean=tuple(dice.gauss(0.2, 0.6) for _ in PARAMETERS),
        factor=np.array([[dice.gauss(0.0, 0.1) for _ in range(size)] for _ in range(size)]),
        outcomes_learnt_from=40,
        training_set="forty outcomes",
        provenance={"baseline": "learnt", "signals": "learnt", "interval": "learnt"},
    )


@pytest.mark.parametrize(
    ("stage", "probability"), [(Round.FIRST, 0.2), (Round.SECOND, 0.33), (Round.FINAL, 0.42)]
)
def test_S14_with_nothing_recorded_the_estimate_is_the_base_rate(
    stage: Round, probability: float
) -> None:
    assert shown(Case(reached=stage)) == probability
    assert shown(one_interview({}, stage)) == probability


def test_S14_nothing_recorded_at_the_first_stage_says_between_8_and_41_percent() -> None:
    low, high = estimate(Case()).interval_at(0.9)

    assert (round(low, 2), round(high, 2)) == (0.08, 0.41)


def test_S14_no_clear_next_steps_lowers_the_estimate_a_little() -> None:
    assert shown(one_interview({SignalId.CLEAR_NEXT_STEPS: Level.ABSENT})) == 0.168


def test_S14_eleven_clear_signs_and_no_slips_give_about_six_in_ten() -> None:
    assert shown(one_interview({**CLEAR_SIGNS, **NO_SLIPS})) == 0.625


def test_S14_eleven_clear_signs_and_no_slips_at_the_final_give_about_eight_in_ten() -> None:
    assert shown(one_interview({**CLEAR_SIGNS, **NO_SLIPS}, Round.FINAL)) == 0.828


def test_S14_one_poor_word_to_the_recruiter_weighs_against_ten_clear_signs() -> None:
    assert shown(one_interview({**CLEAR_SIGNS, RECRUITER: Level.NEGATIVE})) == 0.403


def test_S14_when_everything_went_badly_three_in_a_hundred_remain() -> None:
    assert shown(one_interview(ALL_BAD)) == 0.034


@given(cases(), st.none() | st.integers(0, 50))
def test_S14_baseline_and_contributions_add_up_to_the_log_odds(
    case: Case, seed: int | None
) -> None:
    result = estimate(case, ELICITED if seed is None else learnt(seed))

    total = result.baseline.log_odds + sum(each.log_odds for each in result.contributions)
    assert abs(total - result.log_odds) <= 1e-12
    assert abs(1.0 / (1.0 + math.exp(-result.log_odds)) - result.probability) <= 1e-9


@given(cases())
def test_S14_exactly_the_recorded_signals_contribute(case: Case) -> None:
    contributed = [(each.interview, each.signal) for each in estimate(case).contributions]

    order = list(SignalId)
    assert contributed == [
        (held.id, signal)
        for held in case.interviews
        for signal in sorted(held.signals, key=order.index)
    ]


def test_S14_an_unknown_signal_contributes_exactly_nothing() -> None:
    known = estimate(one_interview(ENGAGED))

    assert [each.signal for each in known.contributions] == [SignalId.INTERVIEWER_ENGAGED]
    assert estimate(one_interview({})).log_odds == known.baseline.log_odds


def test_S14_a_recorded_answer_that_says_nothing_is_shown_with_zero() -> None:
    case = one_interview({SignalId.QUESTIONS_ANSWERED_IN_FULL: Level.SOMEWHAT})

    (contribution,) = estimate(case).contributions

    assert contribution.log_odds == 0.0
    assert math.copysign(1.0, contribution.log_odds) == 1.0
    assert contribution.level is Level.SOMEWHAT


@given(open_questions())
def test_S16_a_good_answer_never_lowers_and_a_bad_one_never_raises(
    question: tuple[Case, int, Signal],
) -> None:
    case, place, row = question
    before = estimate(case).log_odds

    for level, value in row.values.items():
        after = estimate(with_answer(case, place, row.id, level)).log_odds
        assert (after - before) * value >= 0.0


def test_S16_an_earlier_round_weighs_less_than_the_latest() -> None:
    alone = estimate(Case((Interview("a", Round.FIRST, ENGAGED),))).contributions[0]
    arranged = estimate(Case((Interview("a", Round.FIRST, ENGAGED),), Round.SECOND))

    assert arranged.contributions[0].log_odds == pytest.approx(_saturated(0.8 * 0.39))
    assert alone.log_odds == pytest.approx(_saturated(0.39))


def test_S16_two_interviews_of_the_latest_round_weigh_the_same() -> None:
    case = Case(
        (Interview("a", Round.SECOND, ENGAGED), Interview("b", Round.SECOND, ENGAGED)),
    )

    first, second = estimate(case).contributions

    assert first.log_odds == second.log_odds == pytest.approx(_saturated(0.78) / 2)


def test_S16_the_same_sign_in_a_second_interview_says_less_than_in_the_first() -> None:
    once = estimate(Case((Interview("a", Round.FIRST, ENGAGED),)))
    twice = estimate(
        Case((Interview("a", Round.FIRST, ENGAGED), Interview("b", Round.FIRST, ENGAGED)))
    )

    gained = once.log_odds - once.baseline.log_odds
    assert gained < twice.log_odds - twice.baseline.log_odds < 2 * gained


def test_S16_a_round_arranged_below_one_already_held_changes_nothing() -> None:
    held = (Interview("a", Round.FINAL, ENGAGED),)

    assert estimate(Case(held, Round.FIRST)) == estimate(Case(held))


@given(cases(), st.randoms(use_true_random=False))
def test_S16_the_order_of_interviews_and_of_signals_does_not_matter_to_the_numbers(
    case: Case, dice: random.Random
) -> None:
    held = [
        Interview(each.id, each.round, _shuffled(each.signals, dice)) for each in case.interviews
    ]
    dice.shuffle(held)

    one, other = estimate(case), estimate(Case(tuple(held), case.reached))

    assert set(one.contributions) == set(other.contributions)
    blank = {"contributions": (), "next_questions": ()}
    assert replace(one, **blank) == replace(other, **blank)  # type: ignore[arg-type]


def test_S15_learning_replaces_the_posterior_and_nothing_else() -> None:
    case = one_interview({**CLEAR_SIGNS, **NO_SLIPS})

    before, after = estimate(case), estimate(case, learnt(seed=1))

    assert after.probability != before.probability
    assert (before.outcomes_learnt_from, after.outcomes_learnt_from) == (0, 40)
    assert set(before.provenance.values()) == {"elicited"}
    assert set(after.provenance.values()) == {"learnt"}
    assert after.model_version != before.model_version
    assert after.inputs_digest == before.inputs_digest


def test_many_cases_are_estimated_in_the_order_given() -> None:
    several = [one_interview(CLEAR_SIGNS), Case(), one_interview(ALL_BAD)]

    assert estimates(several) == [estimate(each) for each in several]


def _saturated(value: float) -> float:
    return 0.8 * math.asinh(value)


def _shuffled(recorded: Recorded, dice: random.Random) -> Recorded:
    pairs = list(recorded.items())
    dice.shuffle(pairs)
    return dict(pairs)
