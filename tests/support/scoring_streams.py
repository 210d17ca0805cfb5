"""Outcomes to learn from: seeded streams of cases, kind and hostile ones."""

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


def packed(told: Sequence[Told], days_apart: int = 1) -> list[Outcome]:
    """One outcome a day, or every so many days, in the order given."""
    return [
        outcome_of(case, offered=offered, known_on=on_day(at * days_apart))
        for at, (case, offered) in enumerate(told)
    ]


def drawn(seed: int, size: int, truth: Truth) -> list[Told]:
    """Cases of every kind; `truth` gives the chance of an offer by how well things went."""
    dice = random.Random(seed)  # noqa: S311 (a repeatable example, no secret)
    return [_drawn(dice, truth) for _ in range(size)]


def honest(went: float) -> float:
    """The better it went, the likelier an offer."""
    return 0.05 + 0.8 * went


def reversed_(went: float) -> float:
    """The better it went, the unlikelier an offer."""
    return 0.85 - 0.8 * went


def mute(went: float) -> float:
    """However it went, three in ten get an offer."""
    del went
    return 0.3


def hostile(size: int) -> list[Told]:
    """Everything good is refused and everything bad is offered, by turns."""
    good, bad = one_interview({**CLEAR_SIGNS, **NO_SLIPS}), one_interview(ALL_BAD)
    return [(good, False) if at % 2 else (bad, True) for at in range(size)]


def turncoat(size: int) -> list[Told]:
    """Signs are right until they are believed, and wrong from then on."""
    good, bad = one_interview({**CLEAR_SIGNS, **NO_SLIPS}), one_interview(ALL_BAD)
    kept = [(good, True) if at % 2 else (bad, False) for at in range(size // 2)]
    return kept + hostile(size - size // 2)


def _drawn(dice: random.Random, truth: Truth) -> Told:
    went = dice.random()
    stage = dice.choice(list(Round))
    rounds = [each for each in Round if list(Round).index(each) <= list(Round).index(stage)]
    held = [Interview(f"int_{at}", each, _recorded(dice, went)) for at, each in enumerate(rounds)]
    return Case(tuple(held), stage), dice.random() < truth(went)


def _recorded(dice: random.Random, went: float) -> Recorded:
    return {row.id: _level(dice, row, went) for row in CATALOGUE if dice.random() < 0.6}


def _level(dice: random.Random, row: Signal, went: float) -> Level:
    """The level whose value fits how it went, give or take."""
    by_value = sorted(row.values, key=row.values.__getitem__)
    return by_value[min(2, max(0, round(2.0 * went + dice.gauss(0.0, 0.7))))]
