"""Training labels: which applications are learnt from, and with which outcome."""

from datetime import date, timedelta

import pytest

from app.scoring import PATIENCE_DAYS, Label, Result, label_of

LAST_ROUND = date(2025, 3, 1)
OVER = LAST_ROUND + timedelta(days=PATIENCE_DAYS)


def label(
    result: Result | None,
    today: date,
    *,
    known_on: date | None = None,
    last_round_on: date | None = LAST_ROUND,
    patience_days: int = PATIENCE_DAYS,
) -> Label | None:
    return label_of(
        result,
        known_on=known_on,
        last_round_on=last_round_on,
        today=today,
        patience_days=patience_days,
    )


@pytest.mark.parametrize(("result", "offered"), [(Result.OFFER, True), (Result.NO_OFFER, False)])
def test_S15_an_answer_is_learnt_from_the_day_it_was_told(result: Result, *, offered: bool) -> None:
    told = LAST_ROUND + timedelta(days=4)

    assert label(result, told, known_on=told) == Label(offered, told, is_inferred=False)


@pytest.mark.parametrize("result", [None, Result.NO_RESPONSE])
def test_S15_silence_is_learnt_as_no_offer_once_patience_has_run_out(
    result: Result | None,
) -> None:
    day_before = OVER - timedelta(days=1)

    assert label(result, day_before) is None
    assert label(result, OVER) == Label(offered=False, known_on=OVER, is_inferred=True)


@pytest.mark.parametrize("days", [0, 30, 45])
def test_S15_patience_can_be_chosen(days: int) -> None:
    over = LAST_ROUND + timedelta(days=days)

    assert label(None, over - timedelta(days=1), patience_days=days) is None
    assert label(None, over, patience_days=days) == Label(
        offered=False, known_on=over, is_inferred=True
    )


@pytest.mark.parametrize(("result", "offered"), [(Result.OFFER, True), (Result.NO_OFFER, False)])
def test_S15_an_answer_that_comes_after_all_replaces_the_silence(
    result: Result, *, offered: bool
) -> None:
    late = OVER + timedelta(days=20)
    assert label(None, late) == Label(offered=False, known_on=OVER, is_inferred=True)

    assert label(result, late, known_on=late) == Label(offered, late, is_inferred=False)


def test_S15_who_withdrew_teaches_nothing_however_long_it_is_ago() -> None:
    assert label(Result.WITHDRAWN, OVER + timedelta(days=500), known_on=LAST_ROUND) is None


def test_S15_without_a_round_there_is_no_silence_to_wait_through() -> None:
    assert label(None, OVER, last_round_on=None) is None


def test_S15_a_silence_that_was_recorded_counts_from_its_day_where_no_round_is_dated() -> None:
    found = label(Result.NO_RESPONSE, OVER, known_on=LAST_ROUND, last_round_on=None)

    assert found == Label(offered=False, known_on=LAST_ROUND, is_inferred=True)


def test_S15_patience_is_not_negative() -> None:
    with pytest.raises(ValueError, match="patience"):
        label(None, OVER, patience_days=-1)
