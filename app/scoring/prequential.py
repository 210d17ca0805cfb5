"""Whether the model or the base rate, which it should beat, foretold the outcomes better.

Every outcome is forecast from the older ones alone, by both. The difference of
their log-losses is the logarithm of a Bayes factor, and the weights of the
mixture follow from it. Nothing is stored: forecasts kept from the day on
which they were made would remember outcomes that have been erased since. They
are made anew instead, from the outcomes that are left.

The first `_ONE_BY_ONE` outcomes are each forecast by the model that was learnt
from exactly those before it. Later ones come in blocks, short beside what
is known, in which belief moves along the slope at the block's start.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from app.scoring.balance import worth_beside_typical
from app.scoring.direction import Directed, directed
from app.scoring.features import FIRST_SIGNAL_PLACE, STAGE_PLACES, TOTAL_PLACE
from app.scoring.laplace import Normal, maximum, sigmoid
from app.scoring.outcomes import Floats, TrainingSet, saturated
from app.scoring.signals import CATALOGUE

_ONE_BY_ONE: Final = 128
_BLOCK_SHARE: Final = 32  # a block holds at most one outcome for each thirty-two before it
_FARTHEST: Final = 30.0  # log-odds; no forecast is bolder, so that no loss is infinite


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
    seen = at_stage * rows.weights[:, None]
    offers = seen * rows.offered[:, None]
    before = np.cumsum(seen, axis=0) - seen
    offers_before = np.cumsum(offers, axis=0) - offers
    shares = (offers_before + rates * strengths) / (before + strengths)
    forecasts: Floats = (shares * at_stage).sum(axis=1)
    return forecasts


def model_forecasts(rows: TrainingSet, prior: Normal) -> Floats:
    """Forecast every outcome by the model learnt from those before it. Gives log-odds."""
    forecasts = np.empty(rows.size)
    belief = prior
    for block in _blocks(rows.size):
        belief = maximum(rows.cut(slice(block.start)), prior, belief.mean) or prior
        asked = rows.cut(block)
        forecasts[block] = log_odds(asked, directed(belief)) + _moves(asked, belief)
    bounded: Floats = np.clip(forecasts, -_FARTHEST, _FARTHEST)
    return bounded


def log_odds(rows: TrainingSet, by: Directed) -> Floats:
    """Return what `estimate` says of each case before the guard, under these parameters."""
    worth = by.mean[FIRST_SIGNAL_PLACE:TOTAL_PLACE]
    relative = np.array(worth_beside_typical(worth.tolist()))
    turned = np.array([row.id in by.overturned for row in CATALOGUE])
    without_signals = rows.features[:, :FIRST_SIGNAL_PLACE] @ by.mean[:FIRST_SIGNAL_PLACE]
    found: Floats = without_signals + rows.features[:, TOTAL_PLACE] * by.mean[TOTAL_PLACE]
    for sign, values in ((1.0, rows.favourable), (-1.0, rows.unfavourable)):
        strength = values @ np.where(turned, 0.0, relative)
        found += sign * saturated(strength) * (values @ np.where(turned, 0.0, worth))
        if turned.any():
            kept = saturated(values @ relative)
            found += sign * kept * (values @ np.where(turned, worth, 0.0))
    return found


def _moves(rows: TrainingSet, belief: Normal) -> Floats:
    """Return by how much each case's log-odds have moved since the block's first outcome."""
    moves = np.zeros(rows.size)
    if rows.size > 1:
        missed = rows.weights * (rows.offered - sigmoid(rows.features @ belief.mean))
        pulls = np.cumsum(rows.features[:-1] * missed[:-1, None], axis=0)
        moved = np.linalg.solve(belief.precision, pulls.T).T
        moves[1:] = (rows.features[1:] * moved).sum(axis=1)
    return moves


def _blocks(size: int) -> Iterator[slice]:
    start = 0
    while start < size:
        length = 1 if start < _ONE_BY_ONE else max(1, start // _BLOCK_SHARE)
        yield slice(start, min(size, start + length))
        start += length
