"""Coverage of a case, and the ranking of the next questions."""

import math

import pytest
from hypothesis import given

from app.scoring import (
    ANSWER_RATES,
    CATALOGUE,
    INFORMATION,
    Case,
    Interview,
    Level,
    Round,
    Signal,
    SignalId,
    estimate,
)
from tests.support.scoring_cases import (
    CLEAR_SIGNS,
    NO_SLIPS,
    RECRUITER,
    cases,
    one_interview,
    open_in,
    open_questions,
    strongest,
    with_answer,
)


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: str(row.id))
def test_answer_rates_add_up_and_keep_the_elicited_ratios(row: Signal) -> None:
    rates = ANSWER_RATES[row.id]

    assert math.fsum(rate.offer for rate in rates) == pytest.approx(1.0, abs=1e-12)
    assert math.fsum(rate.no_offer for rate in rates) == pytest.approx(1.0, abs=1e-12)
    for rate in rates:
        assert math.log(rate.offer / rate.no_offer) == pytest.approx(row.values[rate.level])


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: str(row.id))
def test_answer_rates_are_of_largest_entropy_among_those_that_fit(row: Signal) -> None:
    shares = [rate.no_offer for rate in ANSWER_RATES[row.id]]
    ratios = [math.exp(value) for value in row.values.values()]
    # The one direction in which the rates could move and still add up and keep the ratios.
    move = [ratios[1] - ratios[2], ratios[2] - ratios[0], ratios[0] - ratios[1]]

    for step in (-1e-3, 1e-3):
        moved = [share + step * each for share, each in zip(shares, move, strict=True)]
        assert _entropy(moved) < _entropy(shares)


def test_the_recruiters_feedback_is_the_most_telling_signal() -> None:
    assert max(INFORMATION, key=INFORMATION.__getitem__) is RECRUITER
    assert min(INFORMATION.values()) > 0.0


@given(open_questions())
def test_S14_recording_more_never_lowers_the_coverage(question: tuple[Case, int, Signal]) -> None:
    case, place, row = question
    more = with_answer(case, place, row.id, strongest(row))

    assert 0.0 <= estimate(case).coverage <= estimate(more).coverage <= 1.0


def test_S14_coverage_goes_from_nothing_to_all() -> None:
    assert estimate(Case()).coverage == 0.0
    assert estimate(one_interview({})).coverage == 0.0
    assert estimate(one_interview({**CLEAR_SIGNS, **NO_SLIPS})).coverage == 1.0


def test_S16_coverage_weighs_an_earlier_interview_less() -> None:
    full = {**CLEAR_SIGNS, **NO_SLIPS}
    case = Case((Interview("a", Round.FIRST, full), Interview("b", Round.SECOND, {})))

    assert estimate(case).coverage == pytest.approx(0.8 / 1.8, abs=1e-9)


@given(cases())
def test_S14_open_questions_are_ranked_by_what_they_would_tell(case: Case) -> None:
    asked = estimate(case).next_questions

    places = {row.id: row.index for row in CATALOGUE}
    assert all(question.gain >= 0.0 for question in asked)
    assert list(asked) == sorted(asked, key=lambda each: (-each.gain, places[each.signal]))


@given(cases(at_least=1))
def test_S16_every_open_signal_of_the_latest_interview_is_asked_for(case: Case) -> None:
    order = list(Round)
    highest = max(case.interviews, key=lambda held: order.index(held.round)).round
    latest = [held for held in case.interviews if held.round is highest][-1]

    asked = estimate(case).next_questions

    assert {question.interview for question in asked} <= {latest.id}
    assert {question.signal for question in asked} == {row.id for row in open_in(latest)}


@given(open_questions())
def test_S14_a_gain_is_what_the_possible_answers_would_do_to_the_estimate(
    question: tuple[Case, int, Signal],
) -> None:
    case, _, _ = question
    result = estimate(case)
    places = {held.id: place for place, held in enumerate(case.interviews)}

    for asked in result.next_questions[:2]:
        place = places[asked.interview]
        expected = _gain_by_trying(case, place, asked.signal, result.probability)
        assert asked.gain == pytest.approx(expected, abs=1e-8)


def test_S14_before_anything_is_known_the_recruiter_should_be_asked_first() -> None:
    first, *_ = estimate(one_interview({})).next_questions

    assert first.signal is RECRUITER


def test_there_is_nothing_to_ask_before_the_first_interview_was_held() -> None:
    assert estimate(Case(reached=Round.SECOND)).next_questions == ()


def _gain_by_trying(case: Case, place: int, signal: SignalId, chance: float) -> float:
    rates = ANSWER_RATES[signal]
    likely = [chance * rate.offer + (1 - chance) * rate.no_offer for rate in rates]
    beliefs = [_belief(case, place, signal, rate.level) for rate in rates]
    mean = sum(share * belief for share, belief in zip(likely, beliefs, strict=True))
    kept = sum(
        share * _entropy([belief, 1 - belief])
        for share, belief in zip(likely, beliefs, strict=True)
    )
    return _entropy([mean, 1 - mean]) - kept


def _belief(case: Case, place: int, signal: SignalId, level: Level) -> float:
    return estimate(with_answer(case, place, signal, level)).probability


def _entropy(shares: list[float]) -> float:
    return -sum(share * math.log(share) for share in shares)
