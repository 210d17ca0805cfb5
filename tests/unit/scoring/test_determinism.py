"""Determinism: the same evidence gives the same bytes on every machine."""

import json
import math
import os
import subprocess
import sys
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scoring import (
    ELICITED,
    Case,
    Estimate,
    Interview,
    Level,
    Round,
    SignalId,
    estimate,
    inputs_digest,
    model_version,
)
from app.scoring.arithmetic import exp, log, probability_of, saturation
from tests.support.scoring_cases import (
    CLEAR_SIGNS,
    NO_SLIPS,
    cases,
    one_interview,
)

FULL = one_interview({**CLEAR_SIGNS, **NO_SLIPS})
TELL = """
import json
from dataclasses import asdict
from app.scoring import Case, Interview, Round, estimate, level_of
words = {"met_colleagues": "somewhat", "rambled": "clearly", "ran_longer": "absent"}
signals = {signal: level_of(signal, word) for signal, word in words.items()}
held = Interview("a", Round.FIRST, signals), Interview("b", Round.SECOND, {})
print(json.dumps(asdict(estimate(Case(held)))))
"""
STORED = (
    '[0.624669467, 0.509415597126, {"80": [0.114961727, 0.955206428], '
    '"95": [0.032572982, 0.987990654]}, 1.990124539]'
)
LOADED = "import sys, app.scoring; print(*sorted({name.split('.')[0] for name in sys.modules}))"


def told_by_a_fresh_interpreter(program: str, hash_seed: str = "0") -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(  # noqa: S603 (fixed arguments)
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def as_bytes(result: Estimate) -> bytes:
    return json.dumps(asdict(result)).encode()


@given(cases())
def test_S14_the_same_inputs_give_the_same_bytes(case: Case) -> None:
    assert as_bytes(estimate(case)) == as_bytes(estimate(case))


def test_S14_a_fresh_interpreter_gives_the_same_bytes() -> None:
    told = {told_by_a_fresh_interpreter(TELL, seed) for seed in ("1", "2", "77")}

    assert len(told) == 1


def test_S14_an_estimate_stored_earlier_comes_out_the_same() -> None:
    result = estimate(FULL)

    stored = json.dumps([result.probability, result.log_odds, result.interval, result.log_odds_sd])
    assert stored == STORED


def test_the_pure_room_loads_no_web_framework_and_no_database() -> None:
    loaded = set(told_by_a_fresh_interpreter(LOADED).split())

    assert {"app", "numpy"} <= loaded
    assert not loaded & {"fastapi", "starlette", "sqlalchemy", "pydantic", "alembic", "httpx"}


def test_S14_equal_evidence_has_an_equal_digest_whatever_its_names_and_order() -> None:
    engaged = {SignalId.INTERVIEWER_ENGAGED: Level.CLEARLY, SignalId.RAMBLED: Level.ABSENT}
    turned = dict(reversed(engaged.items()))
    one = Case((Interview("a", Round.FIRST, engaged), Interview("b", Round.SECOND, {})))
    other = Case((Interview("x", Round.SECOND, {}), Interview("y", Round.FIRST, turned)))

    assert inputs_digest(one) == inputs_digest(other)


@pytest.mark.parametrize(
    "changed",
    [
        one_interview({}),
        one_interview({SignalId.RAMBLED: Level.CLEARLY}),
        one_interview({SignalId.CAUGHT_OFF_GUARD: Level.ABSENT}),
        one_interview({SignalId.RAMBLED: Level.ABSENT}, Round.SECOND),
        Case(one_interview({SignalId.RAMBLED: Level.ABSENT}).interviews, Round.SECOND),
    ],
)
def test_S14_other_evidence_has_another_digest(changed: Case) -> None:
    assert inputs_digest(changed) != inputs_digest(one_interview({SignalId.RAMBLED: Level.ABSENT}))


def test_S14_the_model_is_named_by_what_it_was_told_and_what_it_learnt() -> None:
    assert ELICITED.version == model_version("") == estimate(Case()).model_version
    assert model_version("some outcomes") != ELICITED.version
    assert len(ELICITED.version) == len(inputs_digest(Case())) == 16


@given(st.floats(1e-300, 1e300))
def test_the_logarithm_agrees_with_the_library(value: float) -> None:
    assert log(value) == pytest.approx(math.log(value), rel=2e-15, abs=1e-16)


@given(st.floats(-700.0, 700.0))
def test_the_exponential_agrees_with_the_library(value: float) -> None:
    assert exp(value) == pytest.approx(math.exp(value), rel=1e-15)


@given(st.floats(-5000.0, 5000.0))
def test_a_probability_stays_within_nothing_and_all(log_odds: float) -> None:
    assert 0.0 <= probability_of(log_odds) <= 1.0
    assert probability_of(log_odds) + probability_of(-log_odds) == pytest.approx(1.0)


@given(st.floats(0.001, 100.0))
def test_stronger_evidence_keeps_less_of_its_worth_but_never_turns(strength: float) -> None:
    assert saturation(strength) == pytest.approx(math.asinh(strength) / strength)
    assert saturation(strength) < saturation(0.0) == 1.0
    assert strength * saturation(strength) < 1.01 * strength * saturation(1.01 * strength)
