"""Training data: seeded streams of cases with outcomes, consistent and adversarial ones."""

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from app.scoring import CATALOGUE, Case, Interview, Level, Outcome, Round, Signal, outcome_of
from tests.support.scoring_cases import (
    ALL_BAD,
    CLEAR_SIGNS,
    NO_SLIPS,
    Recorded,
    one_interview,
)

DAY_ONE = date(2025, 1, 1)

Told = tuple[Case, bool]
Truth = Callable[[float], float]


def on_day(number: int) -> date:
    return DAY_ONE + timedelta(days=number)


def packed(labelled: Sequence[Told], days_apart: int = 1) -> list[Outcome]:
    """Return the outcomes in this order, dated one day or `days_apart` days apart."""
    return [
        outcome_of(case, offered=offered, known_on=on_day(index * days_apart))
        for index, (case, offered) in enumerate(labelled)
    ]


def drawn(seed: int, size: int, truth: Truth) -> list[Told]:
    """Return random cases; `truth` is the probability of an offer by how well a case went."""
    dice = random.Random(seed)  # noqa: S311 - a repeatable example, no secret
    return [_drawn(dice, truth) for _ in range(size)]


def honest(went: float) -> float:
    """An offer is more likely the better a case went."""
    return 0.05 + 0.8 * went


def reversed_(went: float) -> float:
    """An offer is less likely the better a case went."""
    return 0.85 - 0.8 * went


def mute(went: float) -> float:
    """Three in ten get an offer, independently of how a case went."""
    del went
    return 0.3


def hostile(size: int) -> list[Told]:
    """Return good cases without an offer and bad cases with one, alternating."""
    good, bad = one_interview({**CLEAR_SIGNS, **NO_SLIPS}), one_interview(ALL_BAD)
    return [(good, False) if index % 2 else (bad, True) for index in range(size)]


def turncoat(size: int) -> list[Told]:
    """Return outcomes that agree with the signs in the first half and contradict them after."""
    good, bad = one_interview({**CLEAR_SIGNS, **NO_SLIPS}), one_interview(ALL_BAD)
    consistent = [(good, True) if index % 2 else (bad, False) for index in range(size // 2)]
    return consistent + hostile(size - size // 2)


def _drawn(dice: random.Random, truth: Truth) -> Told:
    went = dice.random()
    stage = dice.choice(list(Round))
    rounds = list(Round)[: list(Round).index(stage) + 1]
    interviews = [
        Interview(f"int_{index}", round_, _recorded(dice, went))
        for index, round_ in enumerate(rounds)
    ]
    return Case(tuple(interviews), stage), dice.random() < truth(went)


def _recorded(dice: random.Random, went: float) -> Recorded:
    return {row.id: _level(dice, row, went) for row in CATALOGUE if dice.random() < 0.6}


def _level(dice: random.Random, row: Signal, went: float) -> Level:
    """Return the level that fits how the case went, with some noise."""
    by_value = sorted(row.values, key=row.values.__getitem__)
    return by_value[min(2, max(0, round(2.0 * went + dice.gauss(0.0, 0.7))))]
