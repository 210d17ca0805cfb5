"""Whether the model or the base rate, which it should beat, foretold the outcomes better.

Every outcome is forecast from the older ones alone, by both. The difference of
their log-losses is the logarithm of a Bayes factor, and the weights of the
mixture follow from it. Nothing is stored: forecasts kept from the day on
which they were made would remember outcomes that have been erased since. They
are made anew instead, from the outcomes that are left.

Belief is carried from outcome to outcome in blocks, by the slope and the curvature
where the block starts (assumed-density filtering), and brought to the true maximum at the
start of the next. A block ends early where belief has moved so far that the slope
would no longer hold.
"""

from typing import Final

import numpy as np

from app.scoring.direction import Directed, Path, directed, directed_along
from app.scoring.features import FIRST_SIGNAL_PLACE, STAGE_PLACES, TOTAL_PLACE
from app.scoring.laplace import Normal, centred, maximum, sigmoid
from app.scoring.outcomes import Floats, TrainingSet, saturated
from app.scoring.signals import CATALOGUE

_SHARE: Final = 4  # the maximum is found anew when outcomes have grown by one in four
_ONE_BY_ONE: Final = 100  # outcomes that are forecast exactly: while little is known all moves
_LONGEST: Final = 64  # outcomes of a block: its Gram matrix is factorised whole
_FARTHEST_MOVE: Final = 0.2  # nats that cases have moved since the maximum was last found, rms
_OLDEST: Final = 0.1  # half-lives: the maximum is found anew when what is known has faded more
_NEAR: Final = 1e-2  # squared deviations: a step so short leads to the maximum
_LEAST_CURVATURE: Final = 1e-9
_REACH: Final = np.array([row.reach for row in CATALOGUE]) / sum(row.reach for row in CATALOGUE)
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


def model_forecasts(rows: TrainingSet, prior: Normal) -> Floats:
    """Forecast every outcome by the model learnt from those before it. Gives log-odds."""
    forecasts = np.empty(rows.size)
    mean, covariance = prior.mean, np.linalg.inv(prior.precision)
    for at in range(min(rows.size, _ONE_BY_ONE)):
        forecasts[at], mean, covariance = _exact(rows, at, prior, mean)
    origin, off, start, anew = mean, np.zeros_like(mean), min(rows.size, _ONE_BY_ONE), 0
    while start < rows.size:
        if start >= anew:
            known = rows.known(start)
            found = maximum(known, prior, mean, near=_NEAR) or prior
            mean, covariance = found.mean, np.linalg.inv(found.precision)
            off = centred(known, mean, covariance) - mean
            origin, anew = mean, start + max(1, start // _SHARE)
            fresh = start + int((rows.aged[start:] <= rows.aged[start - 1] + _OLDEST).sum())
            anew = min(anew, max(start + 1, fresh))
        block = rows.cut(slice(start, min(anew, start + _LONGEST)))
        block = block._replace(weights=block.own)
        path = _path(block, mean, covariance)
        # Of the cases met so far only: a forecast must not know what will be asked later.
        moves = np.tril((path.means - origin) @ block.features.T)
        met = np.minimum(np.arange(1, block.size + 2), block.size)
        moved = (moves * moves).sum(axis=1) > met * _FARTHEST_MOVE * _FARTHEST_MOVE
        taken = max(1, int(np.argmax(moved))) if moved.any() else block.size
        passed = Path(path.means[:taken] + off, covariance, path.gains)
        asked = block.cut(slice(taken))
        forecasts[start : start + taken] = log_odds(asked, directed_along(passed))
        start += taken
        anew = start if moved.any() else anew
        mean, covariance = path.means[taken], path.covariance_at(taken)
    bounded: Floats = np.clip(forecasts, -_FARTHEST, _FARTHEST)
    return bounded


def _exact(rows: TrainingSet, at: int, prior: Normal, near: Floats) -> tuple[float, Floats, Floats]:
    """Forecast one outcome as it would have been on its day; gives the belief behind it too."""
    known = rows.known(at)
    found = maximum(known, prior, near) or prior
    covariance = np.linalg.inv(found.precision)
    belief = directed(centred(known, found.mean, covariance), covariance)
    said = log_odds(rows.cut(slice(at, at + 1)), belief)
    return float(said[0]), found.mean, covariance


def log_odds(rows: TrainingSet, by: Directed) -> Floats:
    """Return what `estimate` says of each case before the guard, each under a belief of its own."""
    worths = by.means[:, FIRST_SIGNAL_PLACE:TOTAL_PLACE]
    sizes = np.abs(worths)
    typical = (sizes @ _REACH)[:, None]
    relative = np.divide(sizes, typical, out=np.zeros_like(sizes), where=typical > 0.0)
    plain = [*range(FIRST_SIGNAL_PLACE), TOTAL_PLACE]
    found: Floats = (rows.features[:, plain] * by.means[:, plain]).sum(axis=1)
    for sign, values in ((1.0, rows.favourable), (-1.0, rows.unfavourable)):
        strengths, effects = values * relative, values * worths
        if by.turned.any():
            agreeing = saturated(np.where(by.turned, 0.0, strengths).sum(axis=1))
            found += sign * agreeing * np.where(by.turned, 0.0, effects).sum(axis=1)
            effects = np.where(by.turned, effects, 0.0)
        found += sign * saturated(strengths.sum(axis=1)) * effects.sum(axis=1)
    return found


def _path(rows: TrainingSet, mean: Floats, covariance: Floats) -> Path:
    """Let a belief see one outcome after the other, by slope and curvature where it starts.

    Each is then as good as a measurement of its log-odds. The triangular factor of what the
    measurements have in common holds all beliefs in between, since its rows know only earlier ones.
    """
    chances = sigmoid(rows.features @ mean)
    curvatures = rows.weights * chances * (1.0 - chances)
    curvatures = np.maximum(curvatures, _LEAST_CURVATURE)
    measured = rows.weights * (rows.offered - chances) / curvatures
    spread = rows.features @ covariance
    shared = spread @ rows.features.T + np.diag(1.0 / curvatures)
    both = np.column_stack([spread, measured])
    solved = np.linalg.solve(np.linalg.cholesky(shared), both)
    gains, told = solved[:, :-1], solved[:, -1:]
    steps = np.cumsum(np.vstack([mean[None, :], gains * told]), axis=0)
    return Path(steps, covariance, gains)
