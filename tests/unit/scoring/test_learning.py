"""Learning from outcomes: determinism, corrections and erasure, sign constraints, provenance."""

import dataclasses
import json
import math
import random
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scoring import (
    CATALOGUE,
    ELICITED,
    PARAMETERS,
    Case,
    Estimate,
    Fallback,
    Level,
    Outcome,
    Posterior,
    Round,
    Signal,
    SignalId,
    Source,
    change_of,
    estimate,
    fit,
    learn,
    outcome_of,
    posterior_of,
    provenance_of,
    to_plain,
)
from app.scoring.features import evidence_of, features_of
from app.scoring.outcomes import training_set
from app.scoring.prequential_forecasts import log_odds
from app.scoring.sign_constraints import ConstrainedPosterior
from tests.support.scoring_cases import (
    ALL_BAD,
    CLEAR_SIGNS,
    NO_SLIPS,
    cases,
    one_interview,
    open_questions,
    with_answer,
)
from tests.support.scoring_streams import (
    DAY_ONE,
    Told,
    drawn,
    honest,
    hostile,
    mute,
    on_day,
    packed,
    reversed_,
    turncoat,
)
from tests.unit.scoring.test_determinism import told_by_a_fresh_interpreter

KIND = packed(drawn(1, 120, honest))
LEARNT = {
    "honest": learn(KIND),
    "mute": learn(packed(drawn(2, 120, mute))),
    "reversed": learn(packed(drawn(3, 400, reversed_))),
    "hostile": learn(packed(hostile(60))),
    "turncoat": learn(packed(turncoat(80))),
    "few": learn(KIND[:3]),
}
GOOD = one_interview({**CLEAR_SIGNS, **NO_SLIPS})
BAD = one_interview(ALL_BAD)
learnt = st.sampled_from(list(LEARNT.values()))

TELL = """
import json
from datetime import date
from app.scoring import Case, Interview, Round, to_plain, learn, level_of, outcome_of
words = [("rambled", "clearly"), ("met_colleagues", "somewhat"), ("ran_longer", "absent")]
def told(at):
    signals = {name: level_of(name, word) for name, word in words[at % 3 :]}
    held = Interview("a", list(Round)[at % 3], signals)
    return outcome_of(Case((held,)), offered=at % 4 == 0, known_on=date(2025, 1, 1 + at % 20))
print(json.dumps(to_plain(learn({told(at) for at in range(40)}))))
"""


def as_bytes(posterior: Posterior) -> bytes:
    return json.dumps(to_plain(posterior)).encode()


def all_parts(made: Estimate) -> list[float]:
    shrinkage = [made.shrinkage.log_odds] if made.shrinkage else []
    return [made.baseline.log_odds, *(each.log_odds for each in made.contributions), *shrinkage]


# --- the order of rows, corrections, erasure --------------------------------


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_S15_the_order_in_which_outcomes_came_changes_not_one_bit(dice: random.Random) -> None:
    shuffled = KIND.copy()
    dice.shuffle(shuffled)

    assert as_bytes(learn(shuffled)) == as_bytes(LEARNT["honest"])
    assert as_bytes(learn(shuffled, half_life=90.0)) == as_bytes(learn(KIND, half_life=90.0))


def test_S15_outcomes_of_one_day_have_no_order_either() -> None:
    same_day = [outcome_of(c, offered=o, known_on=DAY_ONE) for c, o in drawn(4, 60, honest)]

    assert as_bytes(learn(same_day)) == as_bytes(learn(reversed(same_day)))


@pytest.mark.parametrize("place", [0, 57, 119])
def test_S15_an_erased_outcome_leaves_a_model_that_never_saw_it(place: int) -> None:
    stored = dict(enumerate(KIND))
    assert as_bytes(learn(stored.values())) == as_bytes(LEARNT["honest"])

    del stored[place]

    never_saw = [each for at, each in enumerate(KIND) if at != place]
    assert as_bytes(learn(stored.values())) == as_bytes(learn(never_saw))
    assert as_bytes(learn(never_saw)) != as_bytes(LEARNT["honest"])


def test_S15_a_correction_leaves_no_trace_of_what_was_corrected() -> None:
    told = drawn(5, 80, honest)
    wrong = [
        (case, not offered) if at == 30 else (case, offered)
        for at, (case, offered) in enumerate(told)
    ]
    stored = packed(wrong)
    mistaken = as_bytes(learn(stored))

    stored[30] = packed(told)[30]

    assert as_bytes(learn(stored)) == as_bytes(learn(packed(told))) != mistaken


def test_S15_learning_twice_from_the_same_outcomes_is_the_same_to_the_bit() -> None:
    assert as_bytes(learn(KIND)) == as_bytes(LEARNT["honest"])


def test_S15_another_interpreter_learns_the_same_whatever_its_hash_seed() -> None:
    told = {told_by_a_fresh_interpreter(TELL, seed) for seed in ("0", "1", "4711")}

    assert len(told) == 1


@pytest.mark.parametrize("place", range(0, 120, 17))
def test_S15_the_name_of_the_model_changes_when_any_outcome_changes(place: int) -> None:
    told = drawn(1, 120, honest)
    case, offered = told[place]
    told[place] = case, not offered

    assert fit(packed(told)).version != LEARNT["honest"].version


def test_S15_the_name_of_the_model_changes_with_a_day_a_weight_or_a_half_life() -> None:
    case, offered = drawn(1, 1, honest)[0]
    later = outcome_of(case, offered=offered, known_on=on_day(1))
    heavier = outcome_of(case, offered=offered, known_on=on_day(0), weight=2.0)
    rest = KIND[1:]

    names = {fit([first, *rest]).version for first in (KIND[0], later, heavier)}
    assert len(names | {fit(KIND, half_life=30.0).version}) == 4


# --- what is learnt ---------------------------------------------------------


def test_S15_offers_that_are_frequent_here_raise_the_baseline_and_rare_ones_lower_it() -> None:
    blank = Case(reached=Round.FIRST)
    often = learn(packed([(blank, at % 4 != 0) for at in range(60)]))
    rarely = learn(packed([(blank, at % 20 == 0) for at in range(60)]))

    assert estimate(blank, rarely).probability < 0.15
    assert estimate(blank, often).probability > 0.6


def test_S15_what_one_stage_teaches_is_partly_believed_of_the_others() -> None:
    often = fit(packed([(Case(reached=Round.FIRST), True)] * 20))

    first, final = (
        change_of(case, estimate(case, often)).log_odds
        for case in (Case(reached=Round.FIRST), Case(reached=Round.FINAL))
    )
    assert 0.0 < final < first


def test_S15_signs_that_tell_nothing_lose_their_worth() -> None:
    taught = learn(packed(drawn(6, 600, mute)))

    spread = estimate(GOOD, taught).probability - estimate(BAD, taught).probability
    assert spread < 0.5 * (estimate(GOOD).probability - estimate(BAD).probability)


def test_S15_outcomes_narrow_the_interval() -> None:
    widths = [
        estimate(GOOD, fit(packed(drawn(7, size, honest)))).log_odds_sd for size in (1, 50, 500)
    ]

    assert estimate(GOOD).log_odds_sd > widths[1] > widths[2] > 0.0
    assert widths[0] > widths[1]


@pytest.mark.parametrize("offered", [True, False])
def test_S15_one_outcome_moves_an_estimate_a_little_and_the_right_way(*, offered: bool) -> None:
    once = fit(packed([(GOOD, offered)]))

    moved = estimate(GOOD, once).probability - estimate(GOOD).probability
    assert 0.0 < (moved if offered else -moved) < 0.25
    assert once.outcomes_learnt_from == 1
    assert once.fallback is None


@pytest.mark.parametrize("offered", [True, False])
def test_S15_outcomes_that_are_all_alike_move_the_estimate_towards_them_and_not_to_the_end(
    *, offered: bool
) -> None:
    told: list[Told] = [(case, offered) for case, _ in drawn(8, 50, honest)]

    taught = learn(packed(told))

    assert taught.fallback is None
    assert all(0.0 < estimate(case, taught).probability < 1.0 for case in (GOOD, BAD, Case()))
    for case in (GOOD, Case()):
        alone = estimate(case, fit(packed(told))).probability
        assert (alone > estimate(case).probability) is offered


def test_S15_the_same_case_told_both_ways_teaches_about_one_half() -> None:
    taught = learn(packed([(GOOD, at % 2 == 0) for at in range(200)]))

    assert taught.fallback is None
    assert estimate(GOOD, taught).probability == pytest.approx(0.5, abs=0.03)


def test_S15_signs_that_part_the_outcomes_without_error_do_not_blow_up() -> None:
    taught = learn(packed([(GOOD, True) if at % 2 else (BAD, False) for at in range(2000)]))

    assert taught.fallback is None
    assert max(map(abs, taught.mean)) < 20.0
    assert 0.9 < estimate(GOOD, taught).probability < 1.0
    assert 0.0 < estimate(BAD, taught).probability < 0.1


def test_S15_without_outcomes_the_prior_comes_back_and_says_why() -> None:
    nothing = learn([])

    assert nothing.fallback is Fallback.NO_OUTCOMES
    assert nothing.guard is None
    assert nothing.mean == ELICITED.mean
    assert nothing.version == ELICITED.version


@pytest.mark.parametrize("weight", [1e12, 1e20, 1e150, 1e308])
def test_S15_outcomes_that_cannot_be_calculated_with_leave_the_prior_and_say_why(
    weight: float,
) -> None:
    torn = [
        outcome_of(GOOD, offered=at % 2 == 0, known_on=DAY_ONE, weight=weight) for at in range(6)
    ]

    taught = learn(torn)

    assert taught.fallback in (Fallback.NOT_FINITE, Fallback.NO_MAXIMUM)
    assert taught.mean == ELICITED.mean
    assert taught.outcomes_learnt_from == 0
    assert estimate(GOOD, taught).probability == estimate(GOOD).probability


@pytest.mark.parametrize("weight", [0.0, -1.0, math.inf, math.nan])
def test_S15_an_outcome_weighs_something_and_not_everything(weight: float) -> None:
    with pytest.raises(ValueError, match="weight of an outcome is positive and finite"):
        outcome_of(GOOD, offered=True, known_on=DAY_ONE, weight=weight)


def test_S15_an_outcome_of_weight_two_teaches_what_two_teach() -> None:
    case, offered = drawn(1, 1, honest)[0]
    twice = [outcome_of(case, offered=offered, known_on=DAY_ONE)] * 2
    heavy = [outcome_of(case, offered=offered, known_on=DAY_ONE, weight=2.0)]

    assert fit(twice).mean == pytest.approx(fit(heavy).mean, abs=1e-8)


def test_S15_a_record_keeps_what_it_was_made_of() -> None:
    record = outcome_of(GOOD, offered=True, known_on=date(2025, 3, 9))

    assert (record.offered, record.known_on, record.is_current) == (True, date(2025, 3, 9), True)
    assert Outcome(record.encoded) == record
    assert record.name != outcome_of(GOOD, offered=False, known_on=date(2025, 3, 9)).name


def test_S15_a_record_of_other_formulas_is_refused() -> None:
    stale = bytearray(KIND[0].encoded)
    stale[16] += 1  # the first byte of the form

    assert not Outcome(bytes(stale)).is_current
    with pytest.raises(ValueError, match="other formulas"):
        fit([Outcome(bytes(stale))])


# --- decay ------------------------------------------------------------------


def test_S15_with_a_half_life_the_newer_outcomes_count_more() -> None:
    blank = Case(reached=Round.FIRST)
    turned = packed([(blank, at >= 150) for at in range(300)])

    faded, kept = fit(turned, half_life=20.0), fit(turned)

    assert estimate(blank, faded).probability > estimate(blank, kept).probability + 0.2


def test_S15_a_half_life_beyond_the_ages_changes_next_to_nothing() -> None:
    faded = fit(KIND, half_life=1e9)

    assert faded.mean == pytest.approx(fit(KIND).mean, abs=1e-4)


def test_S15_the_same_outcomes_weigh_the_same_a_year_later() -> None:
    told = drawn(1, 60, honest)
    later = [outcome_of(c, offered=o, known_on=on_day(365 + at)) for at, (c, o) in enumerate(told)]

    assert fit(later, half_life=30.0).mean == fit(packed(told), half_life=30.0).mean


@pytest.mark.parametrize("half_life", [0.0, -3.0, math.nan])
def test_S15_a_half_life_is_longer_than_nothing(half_life: float) -> None:
    with pytest.raises(ValueError, match="half-life"):
        learn(KIND, half_life=half_life)


# --- the estimate after learning --------------------------------------------


@settings(deadline=None)
@given(cases(), learnt)
def test_S15_after_learning_all_parts_add_up_to_the_log_odds(
    case: Case, posterior: Posterior
) -> None:
    made = estimate(case, posterior)

    assert abs(math.fsum(all_parts(made)) - made.log_odds) <= 1e-12
    assert abs(1.0 / (1.0 + math.exp(-made.log_odds)) - made.probability) <= 1e-9
    assert made.shrinkage is not None


@settings(deadline=None)
@given(cases(), learnt)
def test_S15_after_learning_exactly_the_recorded_signals_contribute(
    case: Case, posterior: Posterior
) -> None:
    contributed = {
        (each.interview, each.signal) for each in estimate(case, posterior).contributions
    }

    assert contributed == {(held.id, signal) for held in case.interviews for signal in held.signals}


@settings(deadline=None)
@given(learnt, st.sampled_from(list(Round)))
def test_S15_after_learning_nothing_recorded_leaves_the_baseline_and_the_hold(
    posterior: Posterior, stage: Round
) -> None:
    made = estimate(one_interview({}, stage), posterior)

    assert made.contributions == ()
    assert all_parts(made) == [
        made.baseline.log_odds,
        made.shrinkage.log_odds if made.shrinkage else None,
    ]


@settings(deadline=None, max_examples=200)
@given(open_questions(), learnt)
@pytest.mark.slow
def test_S15_a_good_sign_never_lowers_and_a_bad_cue_never_raises_unless_it_is_said(
    question: tuple[Case, int, Signal], posterior: Posterior
) -> None:
    case, place, row = question
    before = estimate(case, posterior).log_odds

    for level, value in row.values.items():
        made = estimate(with_answer(case, place, row.id, level), posterior)
        if row.id in posterior.overturned:
            assert row.id in made.reversed_signals
        else:
            assert (made.log_odds - before) * value >= -1e-11


def test_S15_signs_that_mislead_beyond_doubt_are_named_in_the_answer() -> None:
    taught = LEARNT["reversed"]
    assert taught.overturned

    made = estimate(one_interview(CLEAR_SIGNS), taught)

    turned = set(taught.overturned) & set(CLEAR_SIGNS)
    assert set(made.reversed_signals) == turned
    for each in made.contributions:
        assert (each.log_odds < 0.0) is (each.signal in turned) or each.log_odds == 0.0


def test_S15_a_doubt_that_is_less_than_certain_overturns_nothing() -> None:
    taught = fit(packed(drawn(3, 12, reversed_)))

    made = estimate(one_interview({SignalId.MET_COLLEAGUES: Level.CLEARLY}), taught)

    assert taught.overturned == made.reversed_signals == ()
    assert made.contributions[0].log_odds >= 0.0


def test_S15_what_was_not_recorded_is_not_said_to_be_overturned() -> None:
    assert estimate(Case(), LEARNT["reversed"]).reversed_signals == ()


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(cases(), min_size=1, max_size=4), learnt)
def test_many_cases_at_once_come_out_as_one_by_one(
    several: Sequence[Case], posterior: Posterior
) -> None:
    rows, _ = training_set(
        [outcome_of(case, offered=True, known_on=on_day(at)) for at, case in enumerate(several)]
    )
    turned = [[row.id in posterior.overturned for row in CATALOGUE]]
    together = log_odds(rows, ConstrainedPosterior(np.array([posterior.mean]), np.array(turned)))

    alone = [
        estimate(case, dataclasses.replace(posterior, guard=None)).log_odds for case in several
    ]
    assert together.tolist() == pytest.approx(alone, abs=1e-9)


@settings(deadline=None)
@given(cases())
def test_a_packed_case_has_the_features_that_the_case_has(case: Case) -> None:
    rows, _ = training_set([outcome_of(case, offered=True, known_on=DAY_ONE)])

    assert rows.features[0].tolist() == pytest.approx(features_of(evidence_of(case)), abs=1e-12)


@settings(deadline=None)
@given(cases(), learnt)
def test_S15_what_learning_changed_adds_up(case: Case, posterior: Posterior) -> None:
    change = change_of(case, estimate(case, posterior))

    moved = [change.baseline, *(each.log_odds for each in change.contributions), change.shrinkage]
    assert abs(math.fsum(moved) - change.log_odds) <= 1e-11
    assert change.probability_before == estimate(case).probability


def test_S15_a_number_says_how_far_it_is_learnt() -> None:
    before, few, many = (
        provenance_of(each)["stage.first"] for each in (ELICITED, LEARNT["few"], LEARNT["reversed"])
    )

    assert (before.source, before.learnt_share) == (Source.ELICITED, 0.0)
    assert before.learnt_share < few.learnt_share < many.learnt_share < 1.0
    assert many.source is Source.LEARNT
    assert set(provenance_of(ELICITED)) == set(PARAMETERS)


# --- keeping ----------------------------------------------------------------


@pytest.mark.parametrize("posterior", LEARNT.values(), ids=LEARNT)
def test_S15_a_stored_belief_comes_back_with_every_bit(posterior: Posterior) -> None:
    text = json.dumps(to_plain(posterior))

    back = posterior_of(json.loads(text))

    assert json.dumps(to_plain(back)) == text
    assert back.factor.tobytes() == posterior.factor.tobytes()
    assert estimate(GOOD, back) == estimate(GOOD, posterior)


def test_S15_a_stored_belief_about_other_parameters_is_refused() -> None:
    plain: dict[str, Any] = to_plain(ELICITED)
    plain["parameters"] = plain["parameters"][:-1]

    with pytest.raises(ValueError, match="other parameters"):
        posterior_of(plain)


def test_S15_a_learnt_belief_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        LEARNT["honest"].factor[0, 0] = 1.0
