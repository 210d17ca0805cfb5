"""Prequential forecasts: forecasts every outcome by a model learnt from the older ones alone.

The posterior is updated from outcome to outcome in blocks, with the gradient and the curvature at
the start of the block (assumed-density filtering). Before the next block it is refitted at the true
mode. A block ends early when the posterior has moved so far that the linearisation is no longer
valid.

The last runs over outcomes are cached in memory, so that one more outcome costs one more block. A
run is resumed only from a point before which all outcomes are the same. The result is the same to
the last bit as without the cache.
"""

import threading
from collections import OrderedDict
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.scoring.features import FIRST_SIGNAL_INDEX, TOTAL_INDEX
from app.scoring.laplace import Normal, centred, maximum, sigmoid
from app.scoring.outcomes import Floats, TrainingSet, saturated
from app.scoring.sign_constraints import (
    ConstrainedPosterior,
    PosteriorPath,
    constrain,
    constrain_path,
)
from app.scoring.signals import CATALOGUE

_REFIT_GROWTH: Final = 4  # refit at the mode when the outcomes have grown by one in four
_EXACT_OUTCOMES: Final = 100  # forecast exactly: with few outcomes the posterior moves far
_MAX_BLOCK_SIZE: Final = 64  # outcomes of a block, whose Gram matrix is factorised as a whole
_MAX_DRIFT: Final = 0.2  # nats: root mean square by which cases have moved since the last refit
_MAX_DECAY: Final = 0.1  # half-lives after which the posterior is refitted
_NEAR: Final = 1e-2  # squared standard deviations of a Newton step that reaches the mode
_MIN_CURVATURE: Final = 1e-9
_RANGES: Final = np.array([row.value_range for row in CATALOGUE])
_RANGE_WEIGHTS: Final = _RANGES / sum(row.value_range for row in CATALOGUE)
_MAX_LOG_ODDS: Final = 30.0  # limit of a forecast, so that no loss is infinite
_CACHE_SIZE: Final = 32  # runs; one over 5,000 outcomes takes at most 1.3 MB
_CHECKPOINT_INTERVAL: Final = 16  # outcomes


class Checkpoint(NamedTuple):
    """The posterior before an outcome; all later forecasts depend only on it."""

    start: int
    seen: int  # outcomes that it depends on: all of the block, also when the block ended early
    mean: Floats
    covariance: Floats
    mode: Floats  # of the last refit
    mean_offset: Floats  # from the mode to the mean of the posterior
    refit_at: int


class ForecastRun(NamedTuple):
    """The forecasts of outcomes, and the checkpoints from which a run can be resumed."""

    digests: NDArray[np.uint64]
    forecasts: Floats
    checkpoints: list[Checkpoint]


class ForecastCache:
    """Cache of the last runs (LRU), by prior and by the oldest outcome."""

    def __init__(self, max_runs: int = _CACHE_SIZE) -> None:
        self._max_runs = max_runs
        self._runs: OrderedDict[tuple[bytes, ...], ForecastRun] = OrderedDict()
        self._lock = threading.Lock()

    def resume(self, rows: TrainingSet, prior: Normal) -> ForecastRun:
        """Return a run that continues a cached one after their common outcomes."""
        with self._lock:
            cached = self._runs.get(_key(rows, prior))
        forecasts = np.empty(rows.size)
        if cached is None or rows.log2_decay.any():  # decayed weights change with every outcome
            return ForecastRun(rows.digests.copy(), forecasts, [_initial_checkpoint(prior)])
        count = _common_prefix(rows.digests, cached.digests)
        checkpoints = [checkpoint for checkpoint in cached.checkpoints if checkpoint.seen <= count]
        start = checkpoints[-1].start
        forecasts[:start] = cached.forecasts[:start]
        return ForecastRun(rows.digests.copy(), forecasts, checkpoints)

    def store(self, rows: TrainingSet, prior: Normal, run: ForecastRun) -> None:
        """Store a run; evict the least recently stored one."""
        if rows.log2_decay.any():
            return
        with self._lock:
            key = _key(rows, prior)
            self._runs[key] = run
            self._runs.move_to_end(key)
            while len(self._runs) > self._max_runs:
                self._runs.popitem(last=False)


_CACHE: Final = ForecastCache()


def model_forecasts(rows: TrainingSet, prior: Normal, cache: ForecastCache = _CACHE) -> Floats:
    """Forecast every outcome by the model learnt from those before it; return log-odds."""
    if rows.size == 0:
        return np.empty(0)
    run = cache.resume(rows, prior)
    current, is_complete = run.checkpoints[-1], True
    while current.start < rows.size:
        if current.start >= max(current.refit_at, _EXACT_OUTCOMES):
            current = _refit(rows, prior, current)
            if run.checkpoints[-1].start == current.start:
                run.checkpoints[-1] = current
        forecasts, following = _step(rows, prior, current)
        run.forecasts[current.start : following.start] = forecasts
        current, is_complete = following, is_complete and following.seen <= rows.size
        # More outcomes could change the last bits of a block that the end of the rows cut short.
        if is_complete and current.start >= run.checkpoints[-1].start + _CHECKPOINT_INTERVAL:
            run.checkpoints.append(current)
    cache.store(rows, prior, run)
    bounded: Floats = np.clip(run.forecasts, -_MAX_LOG_ODDS, _MAX_LOG_ODDS)
    return bounded


def _key(rows: TrainingSet, prior: Normal) -> tuple[bytes, ...]:
    return prior.mean.tobytes(), prior.precision.tobytes(), rows.digests[0].tobytes()


def _initial_checkpoint(prior: Normal) -> Checkpoint:
    mean, covariance = prior.mean, np.linalg.inv(prior.precision)
    return Checkpoint(0, 0, mean, covariance, mean, np.zeros_like(mean), 0)


def _common_prefix(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> int:
    """Return the number of leading digests that are the same."""
    length = min(len(first), len(second))
    different = (first[:length] != second[:length]).any(axis=1)
    return int(np.argmax(different)) if different.any() else length


def _step(rows: TrainingSet, prior: Normal, checkpoint: Checkpoint) -> tuple[Floats, Checkpoint]:
    """Return the forecasts of the next block, and the checkpoint after it."""
    if checkpoint.start < _EXACT_OUTCOMES:
        return _exact(rows, prior, checkpoint)
    end = min(checkpoint.refit_at, checkpoint.start + _MAX_BLOCK_SIZE)
    block = rows.subset(slice(checkpoint.start, end))
    block = block._replace(weights=block.base_weights)
    path = _path(block, checkpoint.mean, checkpoint.covariance)
    # Lower triangle: only the cases so far, because a forecast must not depend on later ones.
    shifts = np.tril((path.means - checkpoint.mode) @ block.features.T)
    counts = np.minimum(np.arange(1, block.size + 2), block.size)
    has_drifted = (shifts * shifts).sum(axis=1) > counts * _MAX_DRIFT * _MAX_DRIFT
    length = max(1, int(np.argmax(has_drifted))) if has_drifted.any() else block.size
    used = PosteriorPath(
        path.means[:length] + checkpoint.mean_offset, checkpoint.covariance, path.gains
    )
    forecasts = log_odds(block.subset(slice(length)), constrain_path(used))
    start = checkpoint.start + length
    following = checkpoint._replace(
        start=start,
        seen=max(checkpoint.seen, end),
        mean=path.means[length].copy(),  # a view would keep all means in memory
        covariance=path.covariance_at(length),
        refit_at=start if has_drifted.any() else checkpoint.refit_at,
    )
    return forecasts, following


def _refit(rows: TrainingSet, prior: Normal, checkpoint: Checkpoint) -> Checkpoint:
    """Return the checkpoint with the posterior at the true mode, and when to refit next."""
    start = checkpoint.start
    known = rows.prefix(start)
    mode = maximum(known, prior, checkpoint.mean, near=_NEAR) or prior
    covariance = np.linalg.inv(mode.precision)
    mean_offset = centred(known, mode.mean, covariance) - mode.mean
    refit_at = start + max(1, start // _REFIT_GROWTH)
    if rows.log2_decay.any():
        limit = rows.log2_decay[start - 1] + _MAX_DECAY
        fresh = int((rows.log2_decay[start:] <= limit).sum())
        refit_at = min(refit_at, start + max(1, fresh))
    return Checkpoint(
        start, checkpoint.seen, mode.mean, covariance, mode.mean, mean_offset, refit_at
    )


def _exact(rows: TrainingSet, prior: Normal, checkpoint: Checkpoint) -> tuple[Floats, Checkpoint]:
    """Forecast one outcome by a full fit to the outcomes before it."""
    start = checkpoint.start
    known = rows.prefix(start)
    mode = maximum(known, prior, checkpoint.mean) or prior
    covariance = np.linalg.inv(mode.precision)
    posterior = constrain(centred(known, mode.mean, covariance), covariance)
    end = start + 1
    forecasts = log_odds(rows.subset(slice(start, end)), posterior)
    mean_offset = np.zeros_like(mode.mean)
    return forecasts, Checkpoint(end, end, mode.mean, covariance, mode.mean, mean_offset, 0)


def log_odds(rows: TrainingSet, posterior: ConstrainedPosterior) -> Floats:
    """Return the log-odds of each case, without the guard, under its own row of the posterior.

    Array version of `estimate`.
    """
    overturned = posterior.overturned
    worths = posterior.means[:, FIRST_SIGNAL_INDEX:TOTAL_INDEX]
    sizes = np.abs(worths)
    typical = (sizes @ _RANGE_WEIGHTS)[:, None]
    relative = np.divide(sizes, typical, out=np.zeros_like(sizes), where=typical > 0.0)
    unsaturated = [*range(FIRST_SIGNAL_INDEX), TOTAL_INDEX]
    total: Floats = (rows.features[:, unsaturated] * posterior.means[:, unsaturated]).sum(axis=1)
    for sign, values in ((1.0, rows.favourable), (-1.0, rows.unfavourable)):
        strengths, effects = values * relative, values * worths
        if overturned.any():
            factor = saturated(np.where(overturned, 0.0, strengths).sum(axis=1))
            total += sign * factor * np.where(overturned, 0.0, effects).sum(axis=1)
            effects = np.where(overturned, effects, 0.0)
        total += sign * saturated(strengths.sum(axis=1)) * effects.sum(axis=1)
    return total


def _path(rows: TrainingSet, mean: Floats, covariance: Floats) -> PosteriorPath:
    """Update a posterior with one outcome after the other, linearised at its start.

    With the gradient and the curvature at the start, each outcome is a Gaussian measurement of its
    log-odds. The Cholesky factor of the covariance of the measurements gives all intermediate
    posteriors, because each of its rows depends only on earlier measurements.
    """
    probabilities = sigmoid(rows.features @ mean)
    curvatures = rows.weights * probabilities * (1.0 - probabilities)
    curvatures = np.maximum(curvatures, _MIN_CURVATURE)
    residuals = rows.weights * (rows.offered - probabilities) / curvatures
    cross_covariance = rows.features @ covariance
    covariances = cross_covariance @ rows.features.T + np.diag(1.0 / curvatures)
    columns = np.column_stack([cross_covariance, residuals])
    solved = np.linalg.solve(np.linalg.cholesky(covariances), columns)
    gains, innovations = solved[:, :-1], solved[:, -1:]
    means = np.cumsum(np.vstack([mean[None, :], gains * innovations]), axis=0)
    return PosteriorPath(means, covariance, gains)
