"""Prequential comparison: whether the model or the base rate forecast the outcomes better.

Both forecast every outcome from the older ones alone. The difference of their log-losses is the
logarithm of a Bayes factor, which determines the weights of the mixture. Forecasts are not stored,
because stored ones would depend on outcomes that were erased since. They are computed again from
the present outcomes (see `prequential_forecasts`).
"""

import numpy as np

from app.scoring.features import STAGE_INDEX
from app.scoring.laplace import Normal
from app.scoring.outcomes import Floats, TrainingSet
from app.scoring.prequential_forecasts import model_forecasts


def log_bayes_factor(rows: TrainingSet, prior: Normal, base_rates: Floats) -> float:
    """Return the log Bayes factor of the model against these base rates, in nats.

    The first outcome is left out: before it nothing was learnt, so there was no base rate.
    """
    forecasts = model_forecasts(rows, prior)
    log_odds_of_outcome = np.where(rows.offered > 0.0, forecasts, -forecasts)
    log_likelihood = -np.logaddexp(0.0, -log_odds_of_outcome)
    base_log_likelihood = np.log(np.where(rows.offered > 0.0, base_rates, 1.0 - base_rates))
    return float((log_likelihood - base_log_likelihood)[1:].sum())


def base_rate_forecasts(rows: TrainingSet, rates: Floats, strengths: Floats) -> Floats:
    """Forecast every outcome by the share of offers among the older ones of its stage.

    The `rates` of the prior count as `strengths` cases. Returns probabilities.
    """
    at_stage = rows.features[:, list(STAGE_INDEX.values())]
    cases = at_stage * rows.base_weights[:, None]
    offers = cases * rows.offered[:, None]
    cases_before = _sums_before(cases, rows.log2_decay)
    offers_before = _sums_before(offers, rows.log2_decay)
    shares = (offers_before + rates * strengths) / (cases_before + strengths)
    forecasts: Floats = (shares * at_stage).sum(axis=1)
    return forecasts


def _sums_before(columns: Floats, log2_decay: Floats) -> Floats:
    """Return the sum of all rows before each row, decayed to the date of the last of them."""
    if not log2_decay.any():
        return np.cumsum(columns, axis=0) - columns
    sums = np.zeros_like(columns)
    decay = np.exp2(-np.diff(log2_decay, prepend=log2_decay[:1]))  # from the row before
    for index in range(1, len(sums)):
        sums[index] = sums[index - 1] * decay[index - 1] + columns[index - 1]
    return sums
