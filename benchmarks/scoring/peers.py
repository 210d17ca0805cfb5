"""What the learnt estimate is held against: the usual ways to get a probability from such data.

Each peer gets the same outcomes. The regression even gets the elicited values
as its features, which nobody would have without the catalogue.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegressionCV
from sklearn.naive_bayes import CategoricalNB

from app.scoring import CATALOGUE
from app.scoring.priors import BASE_RATES, EARLIER_ROUND_WEIGHT
from benchmarks.scoring.worlds import NOT_HELD, ROUNDS, UNKNOWN, Floats, Ints, Sample

_VALUES: Final = np.array([[*row.values.values(), 0.0, 0.0] for row in CATALOGUE])
_FOLDS: Final = 5

Peer = Callable[[Sample, Sample], Floats]


def summed(sample: Sample) -> Floats:
    """Return the elicited values of each signal, added up over the rounds by their weight."""
    places = np.arange(len(CATALOGUE))
    sums = np.zeros((len(sample.stage), len(CATALOGUE)))
    for at in range(len(ROUNDS)):
        weight = np.where(sample.stage == at, 1.0, EARLIER_ROUND_WEIGHT)[:, None]
        sums += weight * _VALUES[places, sample.levels[:, at]]
    return sums


def plain_naive_bayes(learnt: Sample, asked: Sample) -> Floats:
    """Add the elicited ratios to the elicited base rate, as if no signal knew of another."""
    del learnt
    rates = np.array(list(BASE_RATES.values()))[asked.stage]
    log_odds = np.log(rates / (1.0 - rates)) + summed(asked).sum(axis=1)
    chance: Floats = 1.0 / (1.0 + np.exp(-log_odds))
    return chance


def regression(learnt: Sample, asked: Sample) -> Floats:
    """Fit scikit-learn's LogisticRegressionCV, penalty chosen by log-loss over five folds."""
    model = regression_of(learnt)
    chance: Floats = model.predict_proba(columns(asked))[:, 1]
    return chance


def regression_of(learnt: Sample) -> Any:  # noqa: ANN401 - scikit-learn has no types
    """Return the fitted regression."""
    model = LogisticRegressionCV(
        cv=_FOLDS,
        scoring="neg_log_loss",
        max_iter=2000,
        l1_ratios=(0.0,),
        use_legacy_attributes=False,
    )
    return model.fit(columns(learnt), learnt.learnt_as)


def calibrated_naive_bayes(learnt: Sample, asked: Sample) -> Floats:
    """Fit scikit-learn's CategoricalNB to the latest round, calibrated by a sigmoid."""
    levels = [UNKNOWN + 1] * len(CATALOGUE) + [len(ROUNDS)]
    inner = CategoricalNB(min_categories=levels)
    model = CalibratedClassifierCV(inner, method="sigmoid", cv=_FOLDS)
    model.fit(_latest(learnt), learnt.learnt_as)
    chance: Floats = model.predict_proba(_latest(asked))[:, 1]
    return chance


def columns(sample: Sample) -> Floats:
    """Return a row for each case: what its signals add up to, and its stage."""
    return np.hstack([summed(sample), np.eye(len(ROUNDS))[sample.stage]])


def _latest(sample: Sample) -> Ints:
    latest = sample.levels[np.arange(len(sample.stage)), sample.stage]
    known = np.where(latest == NOT_HELD, UNKNOWN, latest)
    return np.hstack([known, sample.stage[:, None]])


PEERS: Final[Mapping[str, Peer]] = {
    "LogisticRegressionCV": regression,
    "calibrated naive Bayes": calibrated_naive_bayes,
    "plain naive Bayes": plain_naive_bayes,
}
