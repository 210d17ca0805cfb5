"""Whether the model or the base rate, which it should beat, foretold the outcomes better.

Every outcome is forecast from the older ones alone, by both. The difference of
their log-losses is the logarithm of a Bayes factor, and the weights of the
mixture follow from it. Nothing is stored: forecasts kept from the day on
which they were made would remember outcomes that have been erased since. They
are made anew instead, from the outcomes that are left (see `foretelling`).
"""

import numpy as np

from app.scoring.features import STAGE_PLACES
from app.scoring.laplace import Normal
from app.scoring.outcomes import Floats, TrainingSet
from app.scoring.prequential_forecasts import model_forecasts


def log_bayes_factor(rows: TrainingSet, prior: Normal, base_rates: Floats) -> float:
    """Return by how many nats the model foretold the outcomes better than these base rates.

    The first outcome is left out: before it nothing was learnt, and there was no base rate to beat.
    """
    forecasts = model_forecasts(rows, prior)
    towards = np.where(rows.offered > 0.0, forecasts, -forecasts)
    of_model = -np.logaddexp(0.0, -towards)
    of_base = np.log(np.where(rows.offered > 0.0, base_rates, 1.0 - base_rates))
    return float((of_model - of_base)[1:].sum())


def base_rate_forecasts(rows: TrainingSet, rates: Floats, strengths: Floats) -> Floats:
    """Forecast every outcome by the share of offers among the older ones of its stage.

    The `rates` of the prior count as if seen in `strengths` cases. Gives probabilities.
    """
    at_stage = rows.features[:, list(STAGE_PLACES.values())]
    seen = at_stage * rows.own[:, None]
    offers = seen * rows.offered[:, None]
    before, offers_before = _sums_before(seen, rows.aged), _sums_before(offers, rows.aged)
    shares = (offers_before + rates * strengths) / (before + strengths)
    forecasts: Floats = (shares * at_stage).sum(axis=1)
    return forecasts


def _sums_before(columns: Floats, aged: Floats) -> Floats:
    """Add up all rows above each row, faded as on the day of the last of them."""
    if not aged.any():
        return np.cumsum(columns, axis=0) - columns
    sums = np.zeros_like(columns)
    kept = np.exp2(-np.diff(aged, prepend=aged[:1]))  # of what was known, when a row comes
    for at in range(1, len(sums)):
        sums[at] = sums[at - 1] * kept[at - 1] + columns[at - 1]
    return sums
