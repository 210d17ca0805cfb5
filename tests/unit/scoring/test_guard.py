"""Guard: an estimate is never worse than the base rate, at a total cost of at most ln 2."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.scoring import ELICITED, Case, Posterior, Round, estimate, fit, learn
from app.scoring.arithmetic import probability_of
from app.scoring.learning import normal_of
from app.scoring.outcomes import training_set
from app.scoring.prequential_forecasts import model_forecasts
from tests.support.scoring_cases import CLEAR_SIGNS, NO_SLIPS, one_interview
from tests.support.scoring_streams import (
    Told,
    drawn,
    honest,
    hostile,
    mute,
    packed,
    reversed_,
    turncoat,
)

SLACK = 0.01  # nats, over a whole stream: what the guard's own forecasts may be off
GOOD = one_interview({**CLEAR_SIGNS, **NO_SLIPS})
STREAMS = {
    "honest": drawn(11, 100, honest),
    "mute": drawn(12, 100, mute),
    "reversed": drawn(13, 100, reversed_),
    "hostile": hostile(60),
    "turncoat": turncoat(100),
    "never an offer": [(case, False) for case, _ in drawn(14, 60, mute)],
    "always an offer": [(case, True) for case, _ in drawn(15, 60, mute)],
    "by turns": [(case, at % 2 == 0) for at, (case, _) in enumerate(drawn(16, 60, mute))],
}


def loss(probability: float, *, offered: bool) -> float:
    return -math.log(probability if offered else 1.0 - probability)


def forecasts_of(stream: Sequence[Told]) -> list[float]:
    rows, _ = training_set(packed(stream))
    forecasts: list[float] = model_forecasts(rows, normal_of(ELICITED)).tolist()
    return forecasts


def losses(
    stream: Sequence[Told], *, days_apart: int = 1, half_life: float | None = None
) -> tuple[float, float, float]:
    """What the served estimate, the model alone and the base rate lose, from one outcome on."""
    outcomes = packed(stream, days_apart)
    served = model = base = 0.0
    for at in range(1, len(stream)):
        case, offered = stream[at]
        guarded = learn(outcomes[:at], half_life=half_life)
        made = estimate(case, guarded, with_questions=False)
        alone = estimate(case, replace(guarded, guard=None), with_questions=False)
        assert made.shrinkage is not None
        served += loss(made.probability, offered=offered)
        model += loss(alone.probability, offered=offered)
        base += loss(made.shrinkage.base_rate, offered=offered)
    return served, model, base


@pytest.mark.parametrize("name", STREAMS)
def test_S15_over_a_whole_stream_the_estimate_loses_at_most_ln_2_beside_the_better_one(
    name: str,
) -> None:
    served, model, base = losses(STREAMS[name])

    assert served <= min(model, base) + math.log(2.0) + SLACK


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mute", "turncoat", "reversed"])
def test_S15_it_is_no_more_where_what_is_long_past_counts_for_less(name: str) -> None:
    served, _, base = losses(STREAMS[name][:70], days_apart=5, half_life=10.0)

    assert served <= base + math.log(2.0) + SLACK


@pytest.mark.parametrize("name", STREAMS)
def test_S15_a_forecast_of_the_guard_knows_nothing_of_what_came_later(name: str) -> None:
    stream = STREAMS[name]
    other_end = [*stream[:40], *((case, not offered) for case, offered in reversed(stream[40:]))]

    forecasts, others = (forecasts_of(each) for each in (stream, other_end))

    assert forecasts[:40] == pytest.approx(others[:40], abs=1e-9)
    assert forecasts[42:] != pytest.approx(others[42:], abs=1e-2)


@pytest.mark.parametrize("name", STREAMS)
def test_S15_the_guard_forecasts_as_the_served_model_would_have(name: str) -> None:
    stream = STREAMS[name]
    outcomes, forecasts = packed(stream), forecasts_of(stream)

    lost = math.fsum(
        loss(probability_of(forecasts[at]), offered=offered)
        - loss(estimate(case, fit(outcomes[:at])).probability, offered=offered)
        for at, (case, offered) in enumerate(stream)
    )

    assert abs(lost) < 0.1


def test_S15_where_signs_tell_nothing_the_estimate_comes_to_be_held_to_the_base_rate() -> None:
    trusted, doubted = (learn(packed(STREAMS[name])) for name in ("always an offer", "mute"))

    assert _weight(trusted) > 0.9
    assert _weight(doubted) < 0.05
    made = estimate(GOOD, doubted)
    assert made.shrinkage is not None
    assert made.probability == pytest.approx(made.shrinkage.base_rate, abs=0.02)


def test_S15_the_hold_is_a_part_of_the_sum_and_says_how_much_it_moved() -> None:
    taught = learn(packed(hostile(12)))

    made, alone = estimate(GOOD, taught), estimate(GOOD, fit(packed(hostile(12))))

    assert made.shrinkage is not None
    assert made.shrinkage.log_odds != 0.0
    assert made.log_odds == pytest.approx(alone.log_odds + made.shrinkage.log_odds, abs=1e-11)
    assert made.contributions == alone.contributions
    weight, rate = made.shrinkage.model_weight, made.shrinkage.base_rate
    mixed = weight * alone.probability + (1.0 - weight) * rate
    assert made.probability == pytest.approx(mixed, abs=1e-8)


def test_S15_two_that_disagree_widen_the_interval() -> None:
    taught = learn(packed(hostile(2)))
    made, alone = estimate(GOOD, taught), estimate(GOOD, fit(packed(hostile(2))))

    assert made.shrinkage is not None
    assert made.shrinkage.between > 0.0
    assert made.log_odds_sd**2 > made.shrinkage.between
    assert alone.shrinkage is None


def test_S15_before_any_outcome_nothing_is_held() -> None:
    assert ELICITED.guard is None
    assert learn([]).guard is None
    assert estimate(Case()).shrinkage is None


def test_S15_after_one_outcome_both_are_believed_alike() -> None:
    assert _weight(learn(packed([(GOOD, False)]))) == 0.5


def test_S15_the_base_rate_is_learnt_by_stage() -> None:
    blank = {stage: Case(reached=stage) for stage in Round}
    told = [(blank[Round.FIRST], False), (blank[Round.FINAL], True)] * 40

    guard = learn(packed(told)).guard

    assert guard is not None
    assert guard.base_rates["first"] < 0.1
    assert guard.base_rates["second"] == pytest.approx(0.33)
    assert guard.base_rates["final"] > 0.8


def _weight(posterior: Posterior) -> float:
    assert posterior.guard is not None
    return posterior.guard.model_weight
