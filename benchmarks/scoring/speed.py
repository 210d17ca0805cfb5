"""How long it takes in the process, beside scikit-learn doing the like in the same run."""

import timeit
from collections.abc import Callable, Iterator
from functools import partial
from time import process_time
from typing import Final, NamedTuple

import numpy as np

from app.scoring import Case, Interview, Outcome, Posterior, Round, estimate, fit, learn
from benchmarks.scoring.measures import outcomes_of
from benchmarks.scoring.peers import columns, regression_of
from benchmarks.scoring.worlds import Sample, warmth_and_mood

_SIZES: Final = (1_000, 5_000)
_SERIES: Final = 64  # outcomes of a block: the maximum is found anew in some of the refits


class Timed(NamedTuple):
    """One thing that was timed; microseconds of the processor, the best of several."""

    what: str
    took: float
    bound: float | None
    peer: str = ""
    peer_took: float | None = None


def timings() -> list[Timed]:
    """Time estimates and fits, each in turn with its peer."""
    return list(_timed())


def _timed() -> Iterator[Timed]:
    dice = np.random.default_rng(1)
    drawn = warmth_and_mood(dice).sample(dice, max(_SIZES))
    outcomes = outcomes_of(drawn)
    posterior = learn(outcomes[: _SIZES[0]])
    model = regression_of(drawn.only(slice(_SIZES[0])))
    row = columns(drawn.only(slice(1)))
    bare = Case((Interview("one", Round.FIRST, {}),))
    first, final = (drawn.of_case(int(np.argmax(drawn.stage == at))) for at in (0, 2))
    predict, predict_took = "predict_proba of one row", _best(lambda: model.predict_proba(row), 10)
    for what, case, asked, bound in (
        ("estimate, one interview", first, False, 100.0),
        ("estimate, three interviews", final, False, 100.0),
        ("estimate, one interview, and what to ask next", first, True, None),
        ("estimate, nothing recorded, and the gain of all 16 open signals", bare, True, 2_000.0),
    ):
        took = _best(_estimating(case, posterior, questions=asked), 10)
        yield Timed(what, took, bound, predict, predict_took)
    for size, bound in zip(_SIZES, (3_000.0, 10_000.0), strict=True):
        known, part = outcomes[:size], drawn.only(slice(size))
        peer = _best(_regressing(part), 1, 3)
        for what, took in (
            ("without the guard", _best(partial(fit, known), 1)),
            ("with it, one outcome more each time", _one_more(known)),
            ("with it, nothing remembered", _from_nothing(known)),
        ):
            limit = None if "nothing" in what else bound
            name = f"refit at {size:,} outcomes, {what}"
            yield Timed(name, took, limit, "LogisticRegressionCV", peer)


def _estimating(case: Case, posterior: Posterior, *, questions: bool) -> Callable[[], object]:
    return lambda: estimate(case, posterior, with_questions=questions)


def _regressing(part: Sample) -> Callable[[], object]:
    return lambda: regression_of(part)


def _one_more(known: list[Outcome]) -> float:
    """Return microseconds a refit while a block's worth of outcomes comes in, one after another."""
    learn(known[:-_SERIES])

    def series() -> None:
        for left in range(_SERIES - 1, -1, -1):
            learn(known[: len(known) - left])

    return _best(series, 1, 3) / _SERIES


def _from_nothing(known: list[Outcome]) -> float:
    """Return microseconds of a refit whose walk begins at an outcome that none began at before."""
    rounds = iter(range(1, 61))
    return _best(lambda: learn(known[next(rounds) :]), 1)


def _best(call: Callable[[], object], number: int, repeat: int = 60) -> float:
    """Return microseconds of one core a call, the best of many short rounds."""
    rounds = timeit.repeat(call, number=number, repeat=repeat, timer=process_time)
    return min(rounds) / number * 1e6
