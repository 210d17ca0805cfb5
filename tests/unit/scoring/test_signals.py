"""The signal catalogue, and the parsing of levels."""

import pytest

from app.scoring import (
    CATALOGUE,
    Kind,
    Level,
    SignalId,
    UnknownLevelError,
    UnknownSignalError,
    estimate,
    level_of,
    signal_of,
)
from tests.support.scoring_cases import RECRUITER, one_interview


def test_S1_to_S13_the_catalogue_has_eleven_signs_and_five_cues_in_order() -> None:
    assert [row.id for row in CATALOGUE] == list(SignalId)
    assert [row.index for row in CATALOGUE] == list(range(16))
    assert [row.kind for row in CATALOGUE] == [Kind.SIGN] * 11 + [Kind.CUE] * 5


def test_a_sign_seen_clearly_speaks_for_an_offer_and_a_cue_against() -> None:
    for row in CATALOGUE:
        weak, _, strong = row.values.values()
        assert (strong > 0.0 > weak) is (row.kind is Kind.SIGN)
        assert (strong < 0.0 < weak) is (row.kind is Kind.CUE)


@pytest.mark.parametrize("word", ["absent", "somewhat", "clearly"])
def test_an_ordinary_signal_is_absent_somewhat_or_clearly_there(word: str) -> None:
    assert level_of("rambled", word) == word


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("negative", Level.NEGATIVE),
        ("mixed", Level.MIXED),
        ("positive", Level.POSITIVE),
        ("absent", Level.NEGATIVE),
        ("somewhat", Level.MIXED),
        ("clearly", Level.POSITIVE),
    ],
)
def test_S11_the_recruiters_feedback_is_kept_in_its_own_words(word: str, level: Level) -> None:
    assert level_of("good_feedback_to_recruiter", word) is level


def test_an_unknown_signal_is_refused_with_the_names_that_are_allowed() -> None:
    with pytest.raises(UnknownSignalError, match=r"'smiled'.*ran_longer.*rambled") as refused:
        level_of("smiled", "clearly")

    assert refused.value.given == "smiled"
    assert refused.value.allowed == tuple(SignalId)


@pytest.mark.parametrize("word", ["positive", "very", "", "Clearly"])
def test_an_unknown_level_is_refused_with_the_levels_that_are_allowed(word: str) -> None:
    with pytest.raises(UnknownLevelError, match="allowed: absent, somewhat, clearly") as refused:
        level_of("ran_longer", word)

    assert refused.value.signal is SignalId.RAN_LONGER
    assert refused.value.given == word
    assert refused.value.allowed == (Level.ABSENT, Level.SOMEWHAT, Level.CLEARLY)


def test_an_unknown_word_for_the_recruiters_feedback_names_its_own_levels() -> None:
    with pytest.raises(UnknownLevelError, match="allowed: negative, mixed, positive"):
        level_of("good_feedback_to_recruiter", "great")


def test_an_estimate_refuses_a_level_that_the_signal_does_not_have() -> None:
    with pytest.raises(UnknownLevelError, match="good_feedback_to_recruiter cannot be 'clearly'"):
        estimate(one_interview({RECRUITER: Level.CLEARLY}))


def test_an_estimate_refuses_a_signal_that_is_not_in_the_catalogue() -> None:
    with pytest.raises(UnknownSignalError, match="'smiled'"):
        estimate(one_interview({"smiled": Level.CLEARLY}))  # type: ignore[dict-item]


def test_a_signal_is_found_by_its_public_name() -> None:
    assert signal_of("met_colleagues").id is SignalId.MET_COLLEAGUES
