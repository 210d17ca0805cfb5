"""How good probabilities are where the true ones are known.

Regret is what a forecaster loses to the oracle: the expected divergence of the
truth from the forecast, a thousand times, in milli-nats.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np

from app.scoring import Case, Outcome, Posterior, estimate, outcome_of
from benchmarks.scoring.worlds import Flags, Floats, Sample

_MASS: Final = 0.9
_BINS: Final = 10
_SUREST: Final = 1e-12
_DAY_ONE: Final = date(2024, 1, 1)


class Measured(NamedTuple):
    """One forecaster in one world; what it does not tell is not a number."""

    regret: float  # milli-nats
    coverage: float  # share of true probabilities within the 90 % interval
    width: float  # mean width of that interval
    error: float  # ECE against the true probabilities, ten bins
    auc: float


def ours(posterior: Posterior, cases: Iterable[Case], asked: Sample) -> Measured:
    """Measure the estimates as they are served."""
    made = [estimate(case, posterior, with_questions=False) for case in cases]
    low, high = np.array([each.interval_at(_MASS) for each in made]).T
    inside = (low <= asked.truth) & (asked.truth <= high)
    points = theirs(np.array([each.probability for each in made]), asked)
    return points._replace(coverage=float(inside.mean()), width=float((high - low).mean()))


def theirs(chances: Floats, asked: Sample) -> Measured:
    """Measure probabilities that come without an interval."""
    nothing = float("nan")
    return Measured(
        regret(chances, asked.truth),
        nothing,
        nothing,
        calibration_error(chances, asked.truth),
        area(chances, asked.offered),
    )


def regret(chances: Floats, truth: Floats) -> float:
    """Return the mean divergence of the truth from the forecast, in milli-nats."""
    said = np.clip(chances, _SUREST, 1.0 - _SUREST)
    real = np.clip(truth, _SUREST, 1.0 - _SUREST)
    lost = real * np.log(real / said) + (1.0 - real) * np.log((1.0 - real) / (1.0 - said))
    return 1000.0 * float(lost.mean())


def calibration_error(chances: Floats, truth: Floats) -> float:
    """Return the mean distance of forecast and truth over ten bins, by how many they hold."""
    bins = np.minimum((chances * _BINS).astype(int), _BINS - 1)
    off = np.bincount(bins, chances - truth, minlength=_BINS)
    return float(np.abs(off).sum() / len(chances))


def area(chances: Floats, offered: Flags) -> float:
    """Return how often a case with an offer was given more than one without (AUC)."""
    _, place, count = np.unique(chances, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2.0)[place]
    yes = int(offered.sum())
    no = len(offered) - yes
    if not yes or not no:
        return float("nan")
    return float((ranks[offered].sum() - yes * (yes + 1) / 2.0) / (yes * no))


def outcomes_of(sample: Sample) -> list[Outcome]:
    """Return the cases with what they are learnt as, one a day."""
    return [
        outcome_of(
            sample.of_case(at), offered=bool(offered), known_on=_DAY_ONE + timedelta(days=at)
        )
        for at, offered in enumerate(sample.learnt_as)
    ]
